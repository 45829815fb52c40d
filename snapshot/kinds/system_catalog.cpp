#include "snapshot/kinds/declarations.h"

namespace plumbline::kinds {

namespace {

constexpr Attribute attributes[] = {
    {.name = "rows", .sql = "s.rows", .one_version = true},
    {.name = "digest", .sql = "s.digest", .one_version = true},
    {.name = "altered", .sql = "s.altered", .compared = false, .form = Form::code},
};

// Up to 11999 initdb gives the same OIDs on every server of one major version (access/transam.h); above,
// names are taken. What the collations of the machine or a minor release decide is left out.
//
// The information schema is the last that initdb makes, and user_mappings is its last view: what was written
// after it was altered by somebody. That is good for naming names, but does not see what is gone. A view is
// deparsed only when it was written later, since to deparse all of them takes longer than all the rest.
constexpr std::string_view from = R"sql(FROM (SELECT r.name, count(*) AS rows,
  sum(r.hash) AS digest,
  string_agg(pg_describe_object(coalesce(r.class, r.name::regclass), r.oid, 0), E'\n' ORDER BY r.oid)
    FILTER (WHERE r.written > (SELECT xmin::text::bigint + 1 FROM pg_type WHERE typname = 'user_mappings'
                               AND typnamespace = 'information_schema'::regnamespace)) AS altered
  FROM (
    SELECT 'pg_proc' AS name, NULL::oid AS class, oid, xmin::text::bigint AS written, hash_record_extended(row(oid, proname, pronamespace, prolang, procost,
      prorows, provariadic, prosupport, prokind, prosecdef, proleakproof, proisstrict, proretset, provolatile,
      proparallel, prorettype, proargtypes, proallargtypes, proargmodes, proargnames, pronargdefaults, prosrc, probin,
      proconfig), 0) AS hash
    FROM pg_proc WHERE oid < 12000
    UNION ALL SELECT 'pg_aggregate', 'pg_proc'::regclass, aggfnoid, xmin::text::bigint, hash_record_extended(row(aggfnoid::oid, aggkind, aggnumdirectargs,
      aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid, aggsortop, aggtranstype, agginitval), 0)
    FROM pg_aggregate WHERE aggfnoid::oid < 12000
    UNION ALL SELECT 'pg_type', NULL, oid, xmin::text::bigint, hash_record_extended(row(oid, typname, typnamespace, typlen, typbyval, typtype,
      typcategory, typispreferred, typisdefined, typdelim, typelem, typinput::oid, typoutput::oid, typreceive::oid,
      typsend::oid, typmodin::oid, typmodout::oid, typanalyze::oid, typalign, typstorage, typnotnull, typcollation,
      typdefault), 0)
    FROM pg_type WHERE oid < 12000
    UNION ALL SELECT 'pg_cast', NULL, oid, xmin::text::bigint, hash_record_extended(row(castsource, casttarget, castfunc, castcontext,
      castmethod), 0)
    FROM pg_cast WHERE oid < 12000
    UNION ALL SELECT 'pg_operator', NULL, oid, xmin::text::bigint, hash_record_extended(row(oid, oprname, oprnamespace, oprkind, oprcanmerge,
      oprcanhash, oprleft, oprright, oprresult, oprcom, oprnegate, oprcode::oid, oprrest::oid, oprjoin::oid), 0)
    FROM pg_operator WHERE oid < 12000
    UNION ALL SELECT 'pg_opclass', NULL, oid, xmin::text::bigint, hash_record_extended(row(opcmethod, opcname, opcnamespace, opcfamily, opcintype,
      opcdefault, opckeytype), 0)
    FROM pg_opclass WHERE oid < 12000
    UNION ALL SELECT 'pg_opfamily', NULL, oid, xmin::text::bigint, hash_record_extended(row(opfmethod, opfname, opfnamespace), 0)
    FROM pg_opfamily WHERE oid < 12000
    UNION ALL SELECT 'pg_amop', NULL, oid, xmin::text::bigint, hash_record_extended(row(amopfamily, amoplefttype, amoprighttype, amopstrategy,
      amoppurpose, amopopr, amopsortfamily), 0)
    FROM pg_amop WHERE oid < 12000
    UNION ALL SELECT 'pg_amproc', NULL, oid, xmin::text::bigint, hash_record_extended(row(amprocfamily, amproclefttype, amprocrighttype,
      amprocnum, amproc::oid), 0)
    FROM pg_amproc WHERE oid < 12000
    UNION ALL SELECT 'pg_am', NULL, oid, xmin::text::bigint, hash_record_extended(row(amname, amhandler::oid, amtype), 0)
    FROM pg_am WHERE oid < 12000
    UNION ALL SELECT 'pg_language', NULL, oid, xmin::text::bigint, hash_record_extended(row(lanname, lanispl, lanpltrusted, lanplcallfoid,
      laninline, lanvalidator), 0)
    FROM pg_language WHERE oid < 12000
    UNION ALL SELECT 'pg_conversion', NULL, oid, xmin::text::bigint, hash_record_extended(row(conname, connamespace, conforencoding,
      contoencoding, conproc::oid, condefault), 0)
    FROM pg_conversion WHERE oid < 12000
    UNION ALL SELECT 'pg_collation', NULL, oid, xmin::text::bigint, hash_record_extended(row(collname, collprovider, collisdeterministic,
      collencoding), 0)
    FROM pg_collation WHERE oid < 12000
    UNION ALL SELECT 'pg_range', 'pg_type'::regclass, rngtypid, xmin::text::bigint, hash_record_extended(row(rngtypid, rngsubtype, rngcollation, rngsubopc,
      rngcanonical::oid, rngsubdiff::oid), 0)
    FROM pg_range WHERE rngtypid < 12000
    UNION ALL SELECT 'pg_ts_parser', NULL, oid, xmin::text::bigint, hash_record_extended(row(prsname, prsstart::oid, prstoken::oid, prsend::oid,
      prsheadline::oid, prslextype::oid), 0)
    FROM pg_ts_parser WHERE oid < 16384
    UNION ALL SELECT 'pg_ts_dict', NULL, oid, xmin::text::bigint, hash_record_extended(row(dictname, dictnamespace, dictinitoption), 0)
    FROM pg_ts_dict WHERE oid < 16384
    UNION ALL SELECT 'pg_ts_config', NULL, c.oid, c.xmin::text::bigint, hash_record_extended(row(c.cfgname, c.cfgnamespace, c.cfgparser, (SELECT
      array_agg(row(m.maptokentype, m.mapseqno, m.mapdict::regdictionary::text)::text ORDER BY m.maptokentype,
      m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)), 0)
    FROM pg_ts_config c WHERE c.oid < 16384
    UNION ALL SELECT 'pg_class', NULL, oid, xmin::text::bigint, hash_record_extended(row(relname, relnamespace = 'pg_catalog'::regnamespace,
      relkind, relpersistence, relrowsecurity, relforcerowsecurity, relreplident, reloptions, relnatts), 0)
    FROM pg_class WHERE oid < 16384 AND relkind IN ('r', 'v', 'i') AND relnamespace <> 'pg_toast'::regnamespace
    UNION ALL SELECT 'pg_rewrite', NULL, oid, xmin::text::bigint, CASE WHEN xmin::text::bigint > (SELECT xmin::text::bigint + 1
      FROM pg_type WHERE typname = 'user_mappings' AND typnamespace = 'information_schema'::regnamespace)
      THEN hashtextextended(pg_get_ruledef(oid), 0) ELSE 0 END
    FROM pg_rewrite WHERE oid < 16384
    UNION ALL SELECT 'pg_description', classoid, objoid, xmin::text::bigint, hash_record_extended(row(objoid, classoid, objsubid, description), 0)
    FROM pg_description WHERE objoid < 12000 AND objoid <> 2200
      AND classoid <> 'pg_largeobject'::regclass) r
  GROUP BY r.name) s WHERE true)sql";

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
