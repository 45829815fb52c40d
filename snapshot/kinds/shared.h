#pragma once

// Attributes that many kinds have, written once. Catalogue SQL has to stand in the kind's table as one text,
// so these are macros that paste literals; they are used in the files of this folder and nowhere else.

// The comment of an object (pg_description).
#define PLUMBLINE_COMMENT(catalog, oid)                                                           \
  "(SELECT description FROM pg_description d WHERE d.objoid = " oid " AND d.classoid = '" catalog \
  "'::regclass AND d.objsubid = 0)"

// The owner, by name.
#define PLUMBLINE_OWNER(oid) "pg_get_userbyid(" oid ")"

// One access list as text: "app: INSERT, SELECT*; PUBLIC: USAGE", sorted, * for a grant option, ALL for
// everything this kind of object has (so that a privilege that only newer servers know makes no difference),
// /role for another grantor than the owner. The owner's own full set, which is what every object starts with,
// is not written; when the owner has less than that, it is.
#define PLUMBLINE_ACL_TEXT(acl, type, owner)                                                               \
  "(SELECT coalesce(string_agg(line, '; ' ORDER BY line COLLATE \"C\"), '') FROM ("                        \
  "SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END || ': '"        \
  " || CASE WHEN every(NOT is_grantable) AND count(*) = (SELECT count(*) FROM aclexplode(acldefault(" type \
  ", " owner ")) f WHERE f.grantee = " owner                                                               \
  ") THEN 'ALL'"                                                                                           \
  " ELSE string_agg(privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END, ', ' ORDER BY "         \
  "privilege_type) END"                                                                                    \
  " || CASE WHEN grantor = " owner                                                                         \
  " THEN '' ELSE '/' || quote_ident(pg_get_userbyid(grantor)) END AS line"                                 \
  " FROM aclexplode(" acl                                                                                  \
  ") GROUP BY grantee, grantor"                                                                            \
  " HAVING NOT (grantee = " owner " AND grantor = " owner                                                  \
  " AND every(NOT is_grantable) AND count(*) = (SELECT"                                                    \
  " count(*) FROM aclexplode(acldefault(" type ", " owner ")) f WHERE f.grantee = " owner                  \
  "))"                                                                                                     \
  " UNION ALL SELECT quote_ident(pg_get_userbyid(" owner                                                   \
  ")) || ': none' WHERE NOT EXISTS"                                                                        \
  " (SELECT FROM aclexplode(" acl ") x WHERE x.grantee = " owner ")) lines)"

// The privileges of an object; empty when they are what the object was born with (acldefault, 9.2+), spelled
// out or not.
#define PLUMBLINE_PRIVILEGES(acl, type, owner)                                                            \
  "CASE WHEN " acl                                                                                        \
  " IS NOT NULL THEN (SELECT CASE WHEN has <> starts THEN CASE has WHEN '' THEN 'none' ELSE has END END " \
  "FROM (SELECT " PLUMBLINE_ACL_TEXT(acl, type, owner) " AS has, " PLUMBLINE_ACL_TEXT(                    \
      "acldefault(" type ", " owner ")", type, owner) " AS starts) p) END"

// Options such as fillfactor=70, sorted.
#define PLUMBLINE_OPTIONS(options) \
  "(SELECT string_agg(o, ', ' ORDER BY o COLLATE \"C\") FROM unnest(" options ") o)"

// A tablespace by name; empty for the database's own.
#define PLUMBLINE_TABLESPACE(oid) "(SELECT spcname FROM pg_tablespace t WHERE t.oid = " oid ")"

// 'true' or nothing.
#define PLUMBLINE_FLAG(condition) "CASE WHEN " condition " THEN 'true' END"

// Schemas of sessions and of TOAST are no part of anybody's schema.
#define PLUMBLINE_LASTING_SCHEMA "n.nspname !~ '^pg_(temp|toast)'"
