#include <string>

#include "snapshot/kinds/declarations.h"
#include "snapshot/scene.h"
#include "snapshot/script.h"

namespace plumbline::kinds {

namespace {

// A built-in object is altered by superusers who know what they do, and back by the same.
bool alter_by_hand(const Change& change, Script& out) {
  out.cannot("what came with the server was altered in " + std::string(change.expected.id().name.view()) +
             " (" +
             std::string(change.from("altered").empty() ? change.to("altered") : change.from("altered")) +
             "); alter it back by hand, or make the database anew");
  return true;
}

constexpr Attribute attributes[] = {
    {.name = "rows", .sql = "s.rows", .one_version = true, .alter = alter_by_hand},
    {.name = "digest", .sql = "s.digest", .one_version = true, .alter = alter_by_hand},
    {.name = "altered", .sql = "s.altered", .compared = false, .form = Form::code},
};

// Up to 11999 initdb gives the same OIDs on every server of one major version (access/transam.h); above,
// names are taken. What the collations of the machine or a minor release decide is left out.
#define PINNED "12000"
#define OF_INITDB "16384"

// The information schema is the last that initdb makes, and user_mappings is its last view: what was written
// after it was altered by somebody. That is good for naming names, but does not see what is gone.
#define WRITTEN_LATER(row)                                                                            \
  "(" row                                                                                             \
  ".xmin::text::bigint > (SELECT xmin::text::bigint + 1 FROM pg_type WHERE typname = 'user_mappings'" \
  " AND typnamespace = 'information_schema'::regnamespace))"

// One row of a catalogue: under which name it is counted, how pg_describe_object finds it, what it says.
#define CONTENT(name, class_id, object_id, hash, from_where)                                 \
  " UNION ALL SELECT '" name "', " class_id ", " object_id ", " WRITTEN_LATER("r") ", " hash \
                                                                                   " FROM " from_where
#define ROWS_BELOW(limit, name, oid, columns)                                                  \
  CONTENT(name, "'" name "'::regclass", "r." oid, "hash_record_extended(row(" columns "), 0)", \
          name " r WHERE r." oid " < " limit)

// A type by the name that it has on every server, when its OID may be another.
#define TYPE(oid) "CASE WHEN " oid " < " PINNED " THEN " oid "::text ELSE " oid "::regtype::text END"
#define IN_PG_CATALOG(schema) schema " = 'pg_catalog'::regnamespace"
#define NO_MEMBER(catalog, oid) \
  oid " NOT IN (SELECT objid FROM pg_depend WHERE classid = '" catalog "'::regclass AND deptype = 'e')"

#define ROUTINES                                                                                            \
  ROWS_BELOW(                                                                                               \
      PINNED, "pg_proc", "oid",                                                                             \
      "oid, proname, pronamespace, prolang, procost, prorows, provariadic, prosupport, prokind,"            \
      " prosecdef, proleakproof, proisstrict, proretset, provolatile, proparallel, prorettype,"             \
      " proargtypes, proallargtypes, proargmodes, proargnames, pronargdefaults, proargdefaults::text,"      \
      " protrftypes, prosrc, probin, prosqlbody::text, proconfig")                                          \
  CONTENT("pg_proc", "'pg_proc'::regclass", "r.oid", "hashtextextended(pg_get_functiondef(r.oid), 0)",      \
          "pg_proc r WHERE r.oid >= " PINNED " AND r.oid < " OF_INITDB                                      \
          " AND r.prokind <> 'a' AND " NO_MEMBER("pg_proc", "r.oid"))                                       \
  CONTENT("pg_aggregate", "'pg_proc'::regclass", "r.aggfnoid::oid",                                         \
          "hash_record_extended(row(aggfnoid::oid, aggkind, aggnumdirectargs, aggtransfn::oid, "            \
          "aggfinalfn::oid, aggcombinefn::oid,"                                                             \
          " aggserialfn::oid, aggdeserialfn::oid, aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid," \
          " aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify, aggsortop, aggtranstype,"       \
          " aggtransspace, aggmtranstype, aggmtransspace, agginitval, aggminitval), 0)",                    \
          "pg_aggregate r WHERE r.aggfnoid::oid < " PINNED)

#define TYPES                                                                                                \
  ROWS_BELOW(PINNED, "pg_type", "oid",                                                                       \
             "oid, typname, typnamespace, typlen, typbyval, typtype, typcategory, typispreferred,"           \
             " typisdefined, typdelim, typsubscript::oid, typelem, typarray, typinput::oid, typoutput::oid," \
             " typreceive::oid, typsend::oid, typmodin::oid, typmodout::oid, typanalyze::oid, typalign,"     \
             " typstorage, typnotnull, typcollation, typdefault")                                            \
  CONTENT("pg_type", "'pg_type'::regclass", "r.oid",                                                         \
          "hash_record_extended(row(typname, typnotnull, format_type(typbasetype, typtypmod), typcollation," \
          " typdefault), 0)",                                                                                \
          "pg_type r WHERE r.oid >= " PINNED " AND r.oid < " OF_INITDB " AND r.typtype = 'd'")               \
  CONTENT("pg_range", "'pg_type'::regclass", "r.rngtypid",                                                   \
          "hash_record_extended(row("                                                                        \
          "rngtypid, rngsubtype, rngmultitypid, rngcollation, rngsubopc, rngcanonical::oid,"                 \
          " rngsubdiff::oid), 0)",                                                                           \
          "pg_range r WHERE r.rngtypid < " PINNED)                                                           \
  ROWS_BELOW(PINNED, "pg_cast", "oid", "castsource, casttarget, castfunc, castcontext, castmethod")          \
  ROWS_BELOW(PINNED, "pg_collation", "oid",                                                                  \
             "collname, collprovider, collisdeterministic, collencoding, collcollate, collctype")            \
  ROWS_BELOW(PINNED, "pg_conversion", "oid",                                                                 \
             "conname, connamespace, conforencoding, contoencoding, conproc::oid, condefault")

#define OPERATORS                                                                                           \
  ROWS_BELOW(PINNED, "pg_operator", "oid",                                                                  \
             "oid, oprname, oprnamespace, oprkind, oprcanmerge, oprcanhash, oprleft, oprright, oprresult,"  \
             " oprcom, oprnegate, oprcode::oid, oprrest::oid, oprjoin::oid")                                \
  ROWS_BELOW(PINNED, "pg_opclass", "oid",                                                                   \
             "opcmethod, opcname, opcnamespace, opcfamily, opcintype, opcdefault, opckeytype")              \
  ROWS_BELOW(PINNED, "pg_opfamily", "oid", "opfmethod, opfname, opfnamespace")                              \
  ROWS_BELOW(PINNED, "pg_amop", "oid",                                                                      \
             "amopfamily, amoplefttype, amoprighttype, amopstrategy, amoppurpose, amopopr, amopsortfamily") \
  ROWS_BELOW(PINNED, "pg_amproc", "oid",                                                                    \
             "amprocfamily, amproclefttype, amprocrighttype, amprocnum, amproc::oid")                       \
  ROWS_BELOW(PINNED, "pg_am", "oid", "amname, amhandler::oid, amtype")                                      \
  ROWS_BELOW(PINNED, "pg_language", "oid",                                                                  \
             "lanname, lanispl, lanpltrusted, lanplcallfoid, laninline, lanvalidator")

#define TEXT_SEARCH                                                                                   \
  ROWS_BELOW(OF_INITDB, "pg_ts_parser", "oid",                                                        \
             "prsname, prsstart::oid, prstoken::oid, prsend::oid, prsheadline::oid, prslextype::oid") \
  ROWS_BELOW(OF_INITDB, "pg_ts_template", "oid",                                                      \
             "tmplname, " IN_PG_CATALOG("tmplnamespace") ", tmplinit::text, tmpllexize::text")        \
  CONTENT("pg_ts_dict", "'pg_ts_dict'::regclass", "r.oid",                                            \
          "hash_record_extended(row(dictname, dictnamespace, tmplname, dictinitoption), 0)",          \
          "pg_ts_dict r JOIN pg_ts_template t ON t.oid = r.dicttemplate WHERE r.oid < " OF_INITDB)    \
  ROWS_BELOW(OF_INITDB, "pg_ts_config", "oid",                                                        \
             "cfgname, cfgnamespace, cfgparser, (SELECT array_agg(row(m.maptokentype, m.mapseqno,"    \
             " m.mapdict::regdictionary::text)::text ORDER BY m.maptokentype, m.mapseqno)"            \
             " FROM pg_ts_config_map m WHERE m.mapcfg = r.oid)")

// A view is deparsed only when it was written later, since to deparse all of them takes longer than all the
// rest. relpersistence and the like are in pg_class, columns in pg_attribute.
#define RELATIONS                                                                                                \
  CONTENT("pg_class", "'pg_class'::regclass", "r.oid",                                                         \
          "hash_record_extended(row(relname, " IN_PG_CATALOG("relnamespace") ", relkind, relpersistence,"      \
          " relrowsecurity, relforcerowsecurity, relreplident, reloptions, relnatts), 0)",                     \
          "pg_class r WHERE r.oid < " OF_INITDB " AND relkind IN ('r', 'v', 'i')"                              \
          " AND relnamespace <> 'pg_toast'::regnamespace") \
  CONTENT("pg_attribute", "'pg_class'::regclass", "r.attrelid",                                                \
          "hash_record_extended(row(c.relname, attname, attnum, " TYPE("atttypid") ", atttypmod, attnotnull,"  \
          " nullif(attstattarget, -1), attcollation, attstorage, attcompression, attisdropped), 0)",           \
          "pg_attribute r JOIN pg_class c ON c.oid = r.attrelid WHERE r.attrelid < " OF_INITDB                 \
          " AND r.attnum > 0 AND c.relkind IN ('r', 'v')") \
  CONTENT("pg_rewrite", "'pg_rewrite'::regclass", "r.oid",                                                       \
          "CASE WHEN " WRITTEN_LATER("r") " THEN hashtextextended(pg_get_ruledef(r.oid), 0) ELSE 0 END",         \
          "pg_rewrite r WHERE r.oid < " OF_INITDB)                                                               \
  CONTENT("pg_constraint", "'pg_constraint'::regclass", "r.oid",                                               \
          "hash_record_extended(row(conname, contype, conrelid::regclass::text, " TYPE("contypid") ", conkey," \
          " CASE contype WHEN 'c' THEN pg_get_constraintdef(r.oid) END), 0)",                                  \
          "pg_constraint r WHERE r.oid < " OF_INITDB " AND contype IN ('c', 'p', 'u')")

// The names of ICU's locales, which initdb puts into comments, are the machine's. An extension and the schema
// public are told as objects.
#define COMMENTS                                                                                            \
  CONTENT("pg_description", "r.classoid", "r.objoid",                                                       \
          "hash_record_extended(row(CASE WHEN r.objoid < " PINNED                                           \
          " THEN row(objoid, classoid)::text ELSE"                                                          \
          " pg_describe_object(classoid, objoid, 0) END, objsubid, description), 0)",                       \
          "pg_description r WHERE r.objoid < " OF_INITDB                                                    \
          " AND NOT (classoid = 'pg_namespace'::"                                                           \
          "regclass AND objoid = 2200) AND classoid NOT IN ('pg_largeobject'::regclass,"                    \
          " 'pg_extension'::regclass) AND (r.objoid < " PINNED                                              \
          " OR NOT (classoid = 'pg_collation'::"                                                            \
          "regclass AND EXISTS (SELECT FROM pg_collation i WHERE i.oid = r.objoid AND collprovider = 'i'))" \
          " AND (classoid, objoid) NOT IN (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'))")

constexpr std::string_view from =
    "FROM (SELECT r.name, count(*) AS rows, sum(r.hash) AS digest,"
    " string_agg(DISTINCT pg_describe_object(r.class, r.oid, 0), E'\\n') FILTER (WHERE r.later) AS altered"
    " FROM (SELECT NULL::text AS name, NULL::oid AS class, NULL::oid AS oid, false AS later, 0::bigint AS "
    "hash"
    " WHERE false" ROUTINES TYPES OPERATORS TEXT_SEARCH RELATIONS COMMENTS
    ") r GROUP BY r.name) s WHERE true";

#undef PINNED
#undef OF_INITDB
#undef WRITTEN_LATER
#undef CONTENT
#undef ROWS_BELOW
#undef TYPE
#undef IN_PG_CATALOG
#undef NO_MEMBER
#undef ROUTINES
#undef TYPES
#undef OPERATORS
#undef TEXT_SEARCH
#undef RELATIONS
#undef COMMENTS

}  // namespace

// That somebody changed what came with the server: a built-in function's volatility, a built-in cast. Not its
// privileges and owner, see system_object.cpp. One object for each catalogue, since one for each of the ten
// thousand built-in ones would bury the schema.
const Kind system_catalog{
    .name = "system_catalog",
    .label = "system catalogue",
    .address = {.catalog = "pg_class", .oid = "s.name::regclass::oid"},
    .identity = {.name = "s.name"},
    .from = from,
    .attributes = attributes,
    .name_is_sql = true,
    .since = 14,
    .built_in = true,
};

}  // namespace plumbline::kinds
