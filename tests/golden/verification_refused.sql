with request as materialized (
  select *
from unnest(($1)::bytea[], ($2)::text[], ($3)::bytea[], ($4)::bytea[], ($5)::bytea[],
      ($6)::bytea[])
    with ordinality as r (lookup, name_key, counted, subject, sealed, sealed_wrong_name, o)
), known as materialized (
  select r.o, r.subject, r.sealed, r.sealed_wrong_name, p.name_key = r.name_key and (k.version = p.version or v.name_key = r.name_key) as shown,
    case when k.version < p.version then p.recorded_at end as replaced_on, case when p.status = 'REVOKED' then p.recorded_at end as invalid_since,
    now() as verified_at, p.*
  from request r
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'SITE' and f.subject = (select substr(counted, 49, 16) from request limit 1) and f.since = ($7)::timestamptz
    limit 1) site on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'ADDRESS' and f.subject = substr(r.counted, 1, 16) and f.since = ($7)::timestamptz limit 1) address on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'NAME' and f.subject = substr(r.counted, 17, 16) and f.since = ($7)::timestamptz limit 1) name on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'KEY' and f.subject = substr(r.counted, 33, 16) and f.since = ($8)::timestamptz limit 1) key on true
  join lateral (select k.diploma_id, k.version from control_key k where k.lookup = r.lookup and k.revoked_at is null limit 1) k on true
  join lateral (select p.* from published_diploma p where p.id = k.diploma_id and k.version >= p.oldest_key_version limit 1) p on true
  left join lateral (select v.name_key from diploma_version v
    where v.diploma_id = k.diploma_id and v.version = k.version limit 1) v on k.version <> p.version
  where case when site.failures >= (($9)::int[])[4]
    then coalesce(address.failures, 0) < (($10)::int[])[1] and coalesce(name.failures, 0) < (($10)::int[])[2]
      and coalesce(key.failures, 0) < (($10)::int[])[3]
    else coalesce(address.failures, 0) < (($9)::int[])[1] and coalesce(name.failures, 0) < (($9)::int[])[2]
      and coalesce(key.failures, 0) < (($9)::int[])[3] end
), journalled as (
  insert into consultation (subject, sealed)
  select n.subject, case when n.shown then n.sealed else n.sealed_wrong_name end from known n
), found as (
  select * from known where shown
)
select found.o, convert_to('{"__typename":"VerifiedDiploma","replacedOn":'
|| coalesce('"'
|| replace(to_char(found.replaced_on at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| '}', 'UTF8') from found as found;
