#include "snapshot/coverage.h"

namespace plumbline {

namespace {

using enum Treatment;

// Columns whose fate is the same everywhere.
#define ROW_OID "an OID is another on each server"
#define OWN_STATISTICS "what ANALYZE gathered"
#define FILES "where the server keeps the data"

constexpr Coverage table[] = {
    {"pg_aggregate", compared,
     "aggfnoid aggkind aggnumdirectargs aggtransfn aggfinalfn aggcombinefn aggserialfn aggdeserialfn "
     "aggmtransfn"
     " aggminvtransfn aggmfinalfn aggfinalextra aggmfinalextra aggfinalmodify aggmfinalmodify aggsortop"
     " aggtranstype aggtransspace aggmtranstype aggmtransspace agginitval aggminitval",
     "aggregate"},

    {"pg_am", compared, "amname amhandler amtype", "access_method"},
    {"pg_am", ignored, "oid", ROW_OID},

    {"pg_amop", compared,
     "amopfamily amoplefttype amoprighttype amopstrategy amoppurpose amopopr amopsortfamily",
     "operator_family"},
    {"pg_amop", ignored, "oid", ROW_OID},
    {"pg_amop", derived, "amopmethod", "the family's access method"},
    {"pg_amproc", compared, "amprocfamily amproclefttype amprocrighttype amprocnum amproc",
     "operator_family"},
    {"pg_amproc", ignored, "oid", ROW_OID},

    {"pg_attrdef", compared, "adrelid adnum adbin", "column_default view"},
    {"pg_attrdef", ignored, "oid", ROW_OID},

    {"pg_attribute", compared,
     "attrelid attname atttypid atttypmod attstattarget attstorage attcompression attnotnull atthasdef "
     "attidentity"
     " attgenerated attislocal attinhcount attcollation attacl attoptions attfdwoptions",
     "column composite_type index"},
    {"pg_attribute", compared, "attnum attisdropped", "table foreign_table"},
    {"pg_attribute", derived, "attlen attbyval attalign", "the type's own"},
    {"pg_attribute", ignored, "attndims", "how often [] was written; the server does not hold anybody to it"},
    {"pg_attribute", changing, "attcacheoff", "used in memory only"},
    {"pg_attribute", ignored, "atthasmissing attmissingval", "values of rows older than the column: data"},

    {"pg_auth_members", compared, "roleid member grantor admin_option inherit_option set_option",
     "membership"},
    {"pg_auth_members", ignored, "oid", ROW_OID},

    {"pg_authid", compared,
     "rolname rolsuper rolinherit rolcreaterole rolcreatedb rolcanlogin rolreplication rolbypassrls "
     "rolconnlimit"
     " rolvaliduntil",
     "role"},
    {"pg_authid", ignored, "oid", ROW_OID},
    {"pg_authid", ignored, "rolpassword",
     "a secret, and salted: the same password is stored differently each time"},

    {"pg_cast", compared, "castsource casttarget castfunc castcontext castmethod", "cast"},
    {"pg_cast", ignored, "oid", ROW_OID},

    {"pg_class", compared,
     "relname relnamespace reloftype relowner relam reltablespace relpersistence relkind relrowsecurity"
     " relforcerowsecurity relreplident relispartition relacl reloptions relpartbound",
     "table view materialized_view index sequence foreign_table composite_type"},
    {"pg_class", compared, "reltoastrelid", "table materialized_view"},
    {"pg_class", compared, "relispopulated", "materialized_view"},
    {"pg_class", ignored, "oid", ROW_OID},
    {"pg_class", changing, "relfilenode relrewrite", FILES},
    {"pg_class", changing, "relpages reltuples relallvisible relallfrozen", OWN_STATISTICS},
    {"pg_class", changing, "relfrozenxid relminmxid", "moved by VACUUM"},
    {"pg_class", derived, "reltype", "the row type has the table's name"},
    {"pg_class", derived, "relnatts relchecks relhasindex relhasrules relhastriggers relhassubclass",
     "counts what is compared; some stay set until the next VACUUM"},
    {"pg_class", derived, "relisshared", "true only for the server's own"},
    {"pg_collation", compared,
     "collname collnamespace collowner collprovider collisdeterministic collcollate collctype"
     " colliculocale colllocale collicurules",
     "collation"},
    {"pg_collation", ignored, "oid", ROW_OID},
    {"pg_collation", derived, "collencoding", "the database's, or any"},
    {"pg_collation", ignored, "collversion", "that of the machine's library, not of the schema"},

    {"pg_constraint", compared,
     "conname connamespace contype condeferrable condeferred convalidated conenforced conrelid contypid "
     "conparentid"
     " confrelid confupdtype confdeltype confmatchtype conislocal coninhcount connoinherit conperiod conkey "
     "confkey"
     " confdelsetcols conexclop conbin",
     "constraint"},
    {"pg_constraint", compared, "conindid", "index constraint"},
    {"pg_constraint", ignored, "oid", ROW_OID},
    {"pg_constraint", derived, "conpfeqop conppeqop conffeqop",
     "chosen by the server from the key's operator class"},

    {"pg_conversion", compared,
     "conname connamespace conowner conforencoding contoencoding conproc condefault", "conversion"},
    {"pg_conversion", ignored, "oid", ROW_OID},

    {"pg_database", compared,
     "datdba encoding datlocprovider datistemplate datallowconn datconnlimit dattablespace datcollate "
     "datctype"
     " daticulocale datlocale daticurules datacl",
     "database"},
    {"pg_database", ignored, "oid", ROW_OID},
    {"pg_database", ignored, "datname", "the two sides of a comparison are often called differently"},
    {"pg_database", changing, "datfrozenxid datminmxid datlastsysoid", "moved by the server itself"},
    {"pg_database", ignored, "datcollversion", "that of the machine's library, not of the schema"},
    {"pg_database", derived, "dathasloginevt", "stays set when the last login event trigger is gone"},

    {"pg_db_role_setting", compared, "setdatabase setrole setconfig", "database_setting role_setting"},

    {"pg_default_acl", compared, "defaclrole defaclnamespace defaclobjtype defaclacl", "default_privileges"},
    {"pg_default_acl", ignored, "oid", ROW_OID},

    {"pg_depend", compared, "classid objid objsubid refclassid refobjid refobjsubid deptype",
     "sequence extension function index trigger"},

    {"pg_description", compared, "objoid classoid objsubid description",
     "table column function system_catalog implicit_object"},

    {"pg_enum", compared, "enumtypid enumsortorder enumlabel", "enum"},
    {"pg_enum", ignored, "oid", ROW_OID},

    {"pg_event_trigger", compared, "evtname evtevent evtowner evtfoid evtenabled evttags", "event_trigger"},
    {"pg_event_trigger", ignored, "oid", ROW_OID},

    {"pg_extension", compared, "extname extowner extnamespace extversion extconfig extcondition",
     "extension"},
    {"pg_extension", ignored, "oid", ROW_OID},
    {"pg_extension", derived, "extrelocatable", "stands in the extension's control file"},

    {"pg_foreign_data_wrapper", compared, "fdwname fdwowner fdwhandler fdwvalidator fdwacl fdwoptions",
     "foreign_data_wrapper"},
    {"pg_foreign_data_wrapper", ignored, "oid", ROW_OID},
    {"pg_foreign_server", compared, "srvname srvowner srvfdw srvtype srvversion srvacl srvoptions", "server"},
    {"pg_foreign_server", ignored, "oid", ROW_OID},
    {"pg_foreign_table", compared, "ftrelid ftserver ftoptions", "foreign_table"},

    {"pg_index", compared,
     "indexrelid indrelid indnatts indnkeyatts indisunique indnullsnotdistinct indisprimary indisexclusion"
     " indisclustered indisvalid indisreplident indkey indcollation indclass indoption indexprs indpred",
     "index table"},
    {"pg_index", derived, "indimmediate", "the constraint's deferrability"},
    {"pg_index", changing, "indcheckxmin", "set while older transactions may not use the index yet"},
    {"pg_index", compared, "indisready indislive", "index"},

    {"pg_inherits", compared, "inhrelid inhparent inhseqno inhdetachpending", "table foreign_table index"},

    {"pg_init_privs", compared, "objoid classoid objsubid privtype initprivs", "extension system_object"},

    {"pg_language", compared,
     "lanname lanowner lanispl lanpltrusted lanplcallfoid laninline lanvalidator lanacl", "language"},
    {"pg_language", ignored, "oid", ROW_OID},

    {"pg_largeobject", ignored, "loid pageno data", "large objects are data"},
    {"pg_largeobject_metadata", ignored, "oid lomowner lomacl", "large objects are data"},

    {"pg_namespace", compared, "nspname nspowner nspacl", "schema"},
    {"pg_namespace", ignored, "oid", ROW_OID},

    {"pg_opclass", compared,
     "opcmethod opcname opcnamespace opcowner opcfamily opcintype opcdefault opckeytype", "operator_class"},
    {"pg_opclass", ignored, "oid", ROW_OID},

    {"pg_operator", compared,
     "oprname oprnamespace oprowner oprkind oprcanmerge oprcanhash oprleft oprright oprresult oprcom "
     "oprnegate"
     " oprcode oprrest oprjoin",
     "operator"},
    {"pg_operator", ignored, "oid", ROW_OID},

    {"pg_opfamily", compared, "opfmethod opfname opfnamespace opfowner", "operator_family"},
    {"pg_opfamily", ignored, "oid", ROW_OID},

    {"pg_parameter_acl", compared, "parname paracl", "parameter_privileges"},
    {"pg_parameter_acl", ignored, "oid", ROW_OID},

    {"pg_partitioned_table", compared,
     "partrelid partstrat partnatts partattrs partclass partcollation partexprs", "table"},
    {"pg_partitioned_table", derived, "partdefid", "the partition whose bound is DEFAULT"},

    {"pg_policy", compared, "polname polrelid polcmd polpermissive polroles polqual polwithcheck", "policy"},
    {"pg_policy", ignored, "oid", ROW_OID},

    {"pg_proc", compared,
     "proname pronamespace proowner prolang procost prorows provariadic prosupport prokind prosecdef "
     "proleakproof"
     " proisstrict proretset provolatile proparallel prorettype proargtypes proallargtypes proargmodes "
     "proargnames"
     " proargdefaults protrftypes prosrc probin prosqlbody proconfig proacl",
     "function procedure aggregate"},
    {"pg_proc", ignored, "oid", ROW_OID},
    {"pg_proc", derived, "pronargs pronargdefaults", "counts what is compared"},

    {"pg_publication", compared,
     "pubname pubowner puballtables pubinsert pubupdate pubdelete pubtruncate pubviaroot pubgencols",
     "publication"},
    {"pg_publication", ignored, "oid", ROW_OID},
    {"pg_publication_namespace", compared, "pnpubid pnnspid", "publication"},
    {"pg_publication_namespace", ignored, "oid", ROW_OID},
    {"pg_publication_rel", compared, "prpubid prrelid prqual prattrs", "publication"},
    {"pg_publication_rel", ignored, "oid", ROW_OID},

    {"pg_range", compared, "rngtypid rngsubtype rngmultitypid rngcollation rngsubopc rngcanonical rngsubdiff",
     "range_type"},

    {"pg_replication_origin", ignored, "roident roname", "how far replication has come: state of the server"},

    {"pg_rewrite", compared, "rulename ev_class ev_type ev_enabled is_instead ev_qual ev_action",
     "rule view materialized_view"},
    {"pg_rewrite", ignored, "oid", ROW_OID},

    {"pg_seclabel", compared, "objoid classoid objsubid provider label", "security_label"},

    {"pg_sequence", compared, "seqrelid seqtypid seqstart seqincrement seqmax seqmin seqcache seqcycle",
     "sequence"},

    {"pg_shdepend", derived, "dbid classid objid objsubid refclassid refobjid deptype",
     "owners and privileges, said once more"},

    {"pg_shdescription", compared, "objoid classoid description", "database role tablespace"},
    {"pg_shseclabel", compared, "objoid classoid provider label", "database role tablespace subscription"},

    {"pg_statistic", changing,
     "starelid staattnum stainherit stanullfrac stawidth stadistinct stakind1 stakind2 stakind3 stakind4 "
     "stakind5"
     " staop1 staop2 staop3 staop4 staop5 stacoll1 stacoll2 stacoll3 stacoll4 stacoll5 stanumbers1 "
     "stanumbers2"
     " stanumbers3 stanumbers4 stanumbers5 stavalues1 stavalues2 stavalues3 stavalues4 stavalues5",
     OWN_STATISTICS},
    {"pg_statistic_ext", compared,
     "stxrelid stxname stxnamespace stxowner stxstattarget stxkeys stxkind stxexprs", "statistics"},
    {"pg_statistic_ext", ignored, "oid", ROW_OID},
    {"pg_statistic_ext_data", changing, "stxoid stxdinherit stxdndistinct stxddependencies stxdmcv stxdexpr",
     OWN_STATISTICS},

    {"pg_subscription", compared,
     "subdbid subname subowner subenabled subbinary substream subtwophasestate subdisableonerr "
     "subpasswordrequired"
     " subrunasowner subfailover subconninfo subslotname subsynccommit subpublications suborigin",
     "subscription"},
    {"pg_subscription", ignored, "oid", ROW_OID},
    {"pg_subscription", changing, "subskiplsn", "reset by the server once the transaction is skipped"},
    {"pg_subscription_rel", changing, "srsubid srrelid srsubstate srsublsn",
     "how far the first copy has come"},

    {"pg_tablespace", compared, "spcname spcowner spcacl spcoptions", "tablespace"},
    {"pg_tablespace", ignored, "oid", ROW_OID},

    {"pg_transform", compared, "trftype trflang trffromsql trftosql", "transform"},
    {"pg_transform", ignored, "oid", ROW_OID},

    {"pg_trigger", compared,
     "tgrelid tgparentid tgname tgfoid tgtype tgenabled tgisinternal tgconstrrelid tgdeferrable "
     "tginitdeferred tgnargs"
     " tgattr tgargs tgqual tgoldtable tgnewtable",
     "trigger"},
    {"pg_trigger", compared, "tgconstraint", "constraint"},
    {"pg_trigger", ignored, "oid", ROW_OID},
    {"pg_trigger", derived, "tgconstrindid", "the index of the constraint that the trigger guards"},

    {"pg_ts_config", compared, "cfgname cfgnamespace cfgowner cfgparser", "text_search_configuration"},
    {"pg_ts_config", ignored, "oid", ROW_OID},
    {"pg_ts_config_map", compared, "mapcfg maptokentype mapseqno mapdict", "text_search_configuration"},
    {"pg_ts_dict", compared, "dictname dictnamespace dictowner dicttemplate dictinitoption",
     "text_search_dictionary"},
    {"pg_ts_dict", ignored, "oid", ROW_OID},
    {"pg_ts_parser", compared, "prsname prsnamespace prsstart prstoken prsend prsheadline prslextype",
     "text_search_parser"},
    {"pg_ts_parser", ignored, "oid", ROW_OID},
    {"pg_ts_template", compared, "tmplname tmplnamespace tmplinit tmpllexize", "text_search_template"},
    {"pg_ts_template", ignored, "oid", ROW_OID},

    {"pg_type", compared, "typname typnamespace typowner typtype typacl",
     "base_type enum domain composite_type range_type"},
    {"pg_type", compared, "typnotnull typbasetype typtypmod typcollation typdefaultbin typdefault",
     "domain base_type"},
    {"pg_type", compared,
     "typlen typbyval typcategory typispreferred typisdefined typdelim typsubscript typelem typinput "
     "typoutput"
     " typreceive typsend typmodin typmodout typanalyze typalign typstorage",
     "base_type"},
    {"pg_type", compared, "typrelid", "composite_type"},
    {"pg_type", ignored, "oid", ROW_OID},
    {"pg_type", derived, "typarray", "the array type that comes with each type"},
    {"pg_type", ignored, "typndims", "how often [] was written; the server does not hold anybody to it"},

    {"pg_user_mapping", compared, "umuser umserver umoptions", "user_mapping"},
    {"pg_user_mapping", ignored, "oid", ROW_OID},
};

#undef ROW_OID
#undef OWN_STATISTICS
#undef FILES

}  // namespace

std::span<const Coverage> all_coverage() { return table; }

}  // namespace plumbline
