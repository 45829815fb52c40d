#pragma once

// Attributes that many kinds have, written once. Catalogue SQL has to stand in the kind's table as one text,
// so these are macros that paste literals; they are used in the files of this folder and nowhere else.

// The comment of an object (pg_description).
#define PLUMBLINE_COMMENT(catalog, oid)                                                                    \
  "(SELECT description FROM pg_description said WHERE said.objoid = " oid " AND said.classoid = '" catalog \
  "'::regclass AND said.objsubid = 0)"

// The owner, by name.
#define PLUMBLINE_OWNER(oid) "pg_get_userbyid(" oid ")"

// A full set of privileges, with what of it may be granted on: "ALL", "ALL*", "ALL, SELECT*".
#define PLUMBLINE_ALL_PRIVILEGES                                                                           \
  "CASE WHEN every(is_grantable) THEN 'ALL*' ELSE 'ALL' || coalesce(string_agg(', ' || privilege_type || " \
  "'*', ''"                                                                                                \
  " ORDER BY privilege_type) FILTER (WHERE is_grantable), '') END"

// One access list as text: "app: INSERT, SELECT*; PUBLIC: USAGE", sorted, * for a grant option, ALL for
// everything this kind of object has (so that a privilege that only newer servers know makes no difference),
// /role for another grantor than the owner. The owner's own full set, which is what every object starts with,
// is not written; when the owner has less than that, it is.
#define PLUMBLINE_ACL_TEXT(acl, type, owner)                                                        \
  "(SELECT coalesce(string_agg(line, '; ' ORDER BY line COLLATE \"C\"), '') FROM ("                 \
  "SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END || ': '" \
  " || CASE WHEN count(*) = (SELECT count(*) FROM aclexplode(acldefault(" type ", " owner           \
  ")) own WHERE own.grantee = " owner ") THEN " PLUMBLINE_ALL_PRIVILEGES                            \
  " ELSE string_agg(privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END, ', ' ORDER BY "  \
  "privilege_type) END"                                                                             \
  " || CASE WHEN grantor = " owner                                                                  \
  " THEN '' ELSE '/' || quote_ident(pg_get_userbyid(grantor)) END AS line"                          \
  " FROM aclexplode(" acl                                                                           \
  ") GROUP BY grantee, grantor"                                                                     \
  " HAVING NOT (grantee = " owner " AND grantor = " owner                                           \
  " AND every(NOT is_grantable) AND count(*) = (SELECT"                                             \
  " count(*) FROM aclexplode(acldefault(" type ", " owner ")) own WHERE own.grantee = " owner       \
  "))"                                                                                              \
  " UNION ALL SELECT quote_ident(pg_get_userbyid(" owner                                            \
  ")) || ': none' WHERE NOT EXISTS"                                                                 \
  " (SELECT FROM aclexplode(" acl ") entry WHERE entry.grantee = " owner ")) lines)"

// The privileges of an object; empty when they are what the object was born with (acldefault, 9.2+), spelled
// out or not.
#define PLUMBLINE_PRIVILEGES(acl, type, owner)                                                            \
  "CASE WHEN " acl                                                                                        \
  " IS NOT NULL THEN (SELECT CASE WHEN has <> starts THEN CASE has WHEN '' THEN 'none' ELSE has END END " \
  "FROM (SELECT " PLUMBLINE_ACL_TEXT(acl, type, owner) " AS has, " PLUMBLINE_ACL_TEXT(                    \
      "acldefault(" type ", " owner ")", type, owner) " AS starts) p) END"

// Options such as fillfactor=70, sorted.
#define PLUMBLINE_OPTIONS(options) \
  "CASE WHEN " options             \
  " IS NOT NULL THEN (SELECT string_agg(o, ', ' ORDER BY o COLLATE \"C\") FROM unnest(" options ") o) END"

// What tells two secrets apart without telling them: too short to find out by trying which text it comes
// from.
#define PLUMBLINE_FINGERPRINT(text) "left(encode(sha256(convert_to(" text ", 'UTF8')), 'hex'), 4)"

// Names of options and settings whose values are secrets.
#define PLUMBLINE_SECRET(name) \
  name " ~* 'passw|pwd|secret|token|credential|private|(api|access|account|sas).?key'"

// Options as in PLUMBLINE_OPTIONS, the secret ones as fingerprints.
#define PLUMBLINE_FOREIGN_OPTIONS(options) \
  "(SELECT string_agg(CASE WHEN " PLUMBLINE_SECRET("split_part(o, '=', 1)") " THEN split_part(o, '=', 1)"    \
  " || ' (fingerprint ' || " PLUMBLINE_FINGERPRINT("o") " || ')' ELSE o END, ', ' ORDER BY o COLLATE \"C\")" \
  " FROM unnest(" options ") o)"

// The value of a setting, "name=value", the secret ones as fingerprints.
#define PLUMBLINE_SETTING(line)                                                                \
  "CASE WHEN " PLUMBLINE_SECRET(                                                               \
      "split_part(" line                                                                       \
      ", '=', 1)") " THEN 'fingerprint ' || " PLUMBLINE_FINGERPRINT(line) " ELSE substr(" line \
                                                                          ", strpos(" line ", '=') + 1) END"

// The support functions of an operator class or family, a line each; `which` is a condition on pg_amproc p.
#define PLUMBLINE_SUPPORT_FUNCTIONS(which)                                                                  \
  "(SELECT string_agg(p.amprocnum || ' (' || format_type(p.amproclefttype, NULL) || ', ' ||"                \
  " format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::regprocedure, E'\\n' ORDER BY p.amprocnum,"   \
  " format_type(p.amproclefttype, NULL) COLLATE \"C\", format_type(p.amprocrighttype, NULL) COLLATE \"C\")" \
  " FROM pg_amproc p WHERE " which ")"

// The comment of an object that belongs to the whole cluster (pg_shdescription).
#define PLUMBLINE_SHARED_COMMENT(catalog, oid)                                                               \
  "(SELECT description FROM pg_shdescription said WHERE said.objoid = " oid " AND said.classoid = '" catalog \
  "'::regclass)"

// Its security labels, "provider: label" (pg_shseclabel).
#define PLUMBLINE_SHARED_LABELS(catalog, oid)                                                       \
  "(SELECT string_agg(given.provider || ': ' || given.label, E'\\n' ORDER BY given.provider) FROM " \
  "pg_shseclabel given"                                                                             \
  " WHERE given.objoid = " oid " AND given.classoid = '" catalog "'::regclass)"

// Stands for what the connected role may not read (kind.h, not_readable).
#define PLUMBLINE_NOT_READABLE "'(not readable)'"

// ALTER ... DEPENDS ON EXTENSION: goes when the extension goes. The few that do are found once.
#define PLUMBLINE_DEPENDS_ON_EXTENSION(catalog, oid)                                                      \
  "CASE WHEN " oid                                                                                        \
  " IN (SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND classid"              \
  " = '" catalog                                                                                          \
  "'::regclass AND deptype = 'x') THEN (SELECT string_agg(quote_ident(needed.extname), ', '"              \
  " ORDER BY needed.extname) FROM pg_depend link JOIN pg_extension needed ON needed.oid = link.refobjid"  \
  " WHERE link.refclassid = 'pg_extension'::regclass AND link.deptype = 'x' AND link.classid = '" catalog \
  "'::regclass AND link.objid = " oid ") END"

// By which columns a row is told to subscribers; empty for the primary key. An index that was dropped leaves
// nothing to tell it by.
#define PLUMBLINE_REPLICA_IDENTITY                                                                          \
  "CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN coalesce((SELECT 'index " \
  "' "                                                                                                      \
  "|| quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"                       \
  " WHERE i.indrelid = c.oid AND i.indisreplident), 'nothing') END"

// A column in FROM, by its number, found by the index for each row: a hash of all columns of the database
// costs more, and OFFSET 0 keeps the planner from making one.
#define PLUMBLINE_LOOK_UP_COLUMN(relation, number)                                                     \
  "(SELECT attname, atttypid, attcollation, attgenerated FROM pg_attribute WHERE attrelid = " relation \
  " AND attnum = " number " OFFSET 0)"

// A tablespace by name; empty for the database's own.
#define PLUMBLINE_TABLESPACE(oid) "(SELECT spcname FROM pg_tablespace place WHERE place.oid = " oid ")"

// 'true' or nothing.
#define PLUMBLINE_FLAG(condition) "CASE WHEN " condition " THEN 'true' END"

// Schemas of sessions and of TOAST are no part of anybody's schema.
#define PLUMBLINE_LASTING_SCHEMA "n.nspname !~ '^pg_(temp|toast)'"
