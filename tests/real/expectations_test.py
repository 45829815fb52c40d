#!/usr/bin/env python3
"""The judge of tests/real/run is itself judged: it accepts a right report and rejects each way of being wrong."""

import unittest

from expectations import judge_drift, pending_problems, same_name

CHANGE = {"n": 1, "class": "comment", "kind": "table", "schema": "public", "table": None, "name": "orders",
          "verb": "changed", "attribute": "storage parameters", "attribution": "2.sql", "created_by": "1.sql",
          "from_prelude": False}
INDEX = {"n": 2, "class": "drop index", "kind": "index", "schema": "public", "table": "orders", "name": "orders_idx",
         "verb": "missing", "attribute": None, "attribution": "3.sql", "created_by": "3.sql", "from_prelude": False}


def finding(**changed) -> dict:
    return {"verb": "changed", "kind": "table", "schema": "public", "parent": None, "name": "orders",
            "changes": [{"attribute": "storage_parameters"}], "created": {"file": "1.sql", "line": 1},
            "last_changed": {"file": "2.sql", "line": 1}, **changed}


def missing_index(**changed) -> dict:
    origin = {"file": "3.sql", "line": 1}
    return finding(verb="missing", kind="index", parent="orders", name="orders_idx", changes=[], created=origin,
                   last_changed=origin, **changed)


class JudgeDrift(unittest.TestCase):
    def problems(self, expected, *findings):
        return judge_drift(expected, {"findings": list(findings)}).problems

    def test_a_report_that_says_exactly_what_was_done_is_right(self):
        verdict = judge_drift([CHANGE, INDEX], {"findings": [finding(), missing_index()]})
        self.assertEqual((verdict.found, verdict.attributed, verdict.problems), (2, 2, []))

    def test_a_change_that_is_not_reported_is_a_problem(self):
        self.assertIn("found 0 times", self.problems([CHANGE])[0])

    def test_another_verb_kind_parent_or_attribute_is_not_the_change(self):
        for wrong in (finding(verb="missing"), finding(kind="view"), finding(parent="x"), finding(schema="private"),
                      finding(changes=[{"attribute": "comment"}])):
            self.assertEqual(len(self.problems([CHANGE], wrong)), 2, wrong)

    def test_what_nobody_did_is_extra(self):
        two = finding(changes=[{"attribute": "storage_parameters"}, {"attribute": "owner"}])
        self.assertEqual(self.problems([CHANGE], two), ["extra: changed table public.orders [owner]"])

    def test_the_wrong_file_is_a_problem(self):
        self.assertIn("last changed by 2.sql", self.problems([CHANGE], finding(last_changed={"file": "9.sql"}))[0])

    def test_another_file_that_changed_it_last_is_a_problem(self):
        wrong = judge_drift([CHANGE], {"findings": [finding(last_changed={"file": "9.sql"})]})
        self.assertEqual((len(wrong.problems), wrong.attributed), (1, 0))

    def test_another_creator_is_a_note(self):
        verdict = judge_drift([CHANGE], {"findings": [finding(created={"file": "2.sql"})]})
        self.assertEqual((verdict.problems, len(verdict.notes)), ([], 1))

    def test_what_follows_from_a_change_is_not_extra(self):
        implied = {**CHANGE, "implied": [{"kind": "index", "schema": "public", "name": "orders_idx", "verb": "missing"}]}
        self.assertEqual(self.problems([implied], finding(), missing_index()), [])

    def test_routines_are_named_with_argument_names_there_and_without_here(self):
        self.assertTrue(same_name("f(a text, b numeric(10, 2)[])", "f(text,numeric(10,2)[])"
                                  .replace("10,2", "10, 2")))
        self.assertFalse(same_name("f(a text)", "f(integer)"))
        self.assertFalse(same_name("f()", "f(integer)"))
        self.assertTrue(same_name("f()", "f()"))


class Pending(unittest.TestCase):
    def test_files_folders_and_names_without_ending_are_recognised(self):
        report = {"pending": [{"file": "a/up.sql"}, {"file": "b.sql"}, {"file": "loc/V1__c.sql"}]}
        self.assertEqual(pending_problems(["a", "b", "V1__c.sql"], report), [])
        self.assertEqual(len(pending_problems(["a", "b"], report)), 1)
        self.assertEqual(len(pending_problems(["a", "b", "V1__c.sql", "d"], report)), 1)


if __name__ == "__main__":
    unittest.main()
