-- name: verify
-- For each of many requests: what the register says of a key and a birth name; no row for one that finds nothing, whatever the cause:
-- the key is unknown, the name another, the session not published, or the failures of those who ask exhaust a limit.
-- A key of an older version finds the current one, unless the person's name changed: the old name then leads nowhere.
-- What is found is journalled, as is a wrong name that somebody gave with a right key. `counted` are the subjects of the four limits, 16
-- bytes each, in their order.
with request as materialized (
  select * from unnest((:lookup)::bytea[], (:name_key)::text[], (:counted)::bytea[], (:subject)::bytea[], (:sealed)::bytea[],
      (:sealed_wrong_name)::bytea[])
    with ordinality as r (lookup, name_key, counted, subject, sealed, sealed_wrong_name, o)
), known as materialized (
  select r.o, r.subject, r.sealed, r.sealed_wrong_name, p.name_key = r.name_key and (k.version = p.version or v.name_key = r.name_key) as shown,
    case when k.version < p.version then p.recorded_at end as replaced_on, case when p.status = 'REVOKED' then p.recorded_at end as invalid_since,
    now() as verified_at, p.*
  from request r
  -- `limit` keeps these look-ups: a plan made when the table was small would read all of it
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'SITE' and f.subject = (select substr(counted, 49, 16) from request limit 1) and f.since = (:hour)::timestamptz
    limit 1) site on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'ADDRESS' and f.subject = substr(r.counted, 1, 16) and f.since = (:hour)::timestamptz limit 1) address on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'NAME' and f.subject = substr(r.counted, 17, 16) and f.since = (:hour)::timestamptz limit 1) name on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'KEY' and f.subject = substr(r.counted, 33, 16) and f.since = (:day)::timestamptz limit 1) key on true
  join lateral (select k.diploma_id, k.version from control_key k where k.lookup = r.lookup and k.revoked_at is null limit 1) k on true
  join lateral (select p.* from published_diploma p where p.id = k.diploma_id and k.version >= p.oldest_key_version limit 1) p on true
  left join lateral (select v.name_key from diploma_version v
    where v.diploma_id = k.diploma_id and v.version = k.version limit 1) v on k.version <> p.version
  where case when site.failures >= ((:most)::int[])[4]
    then coalesce(address.failures, 0) < ((:most_in_slow_mode)::int[])[1] and coalesce(name.failures, 0) < ((:most_in_slow_mode)::int[])[2]
      and coalesce(key.failures, 0) < ((:most_in_slow_mode)::int[])[3]
    else coalesce(address.failures, 0) < ((:most)::int[])[1] and coalesce(name.failures, 0) < ((:most)::int[])[2]
      and coalesce(key.failures, 0) < ((:most)::int[])[3] end
), journalled as (
  insert into consultation (subject, sealed)
  select n.subject, case when n.shown then n.sealed else n.sealed_wrong_name end from known n
), found as (
  select * from known where shown
)
select * from found;

-- name: count_failure
-- Counts a failed verification against each of its subjects, unless one of their limits is exhausted; whether the site is in slow mode.
with counted as (
  select b.scope, b.subject, b.since, b.most, b.most_in_slow_mode, coalesce(f.failures, 0) as failures
  from unnest((:scopes)::text[], (:subjects)::bytea[], (:since)::timestamptz[], (:most)::int[], (:most_in_slow_mode)::int[])
    as b (scope, subject, since, most, most_in_slow_mode)
  left join lateral (select failures from verification_failure v
    where v.scope = b.scope and v.subject = b.subject and v.since = b.since limit 1) f on true
), budget as (
  select bool_or(case when c.scope = 'SITE' then false
    when slow.failures >= slow.most then c.failures >= c.most_in_slow_mode
    else c.failures >= c.most end) as exhausted, bool_or(slow.failures >= slow.most) as slow
  from counted c cross join (select failures, most from counted where scope = 'SITE') slow
), noted as (
  insert into verification_failure (scope, subject, since, failures)
  select c.scope, c.subject, c.since, 1 from counted c where not (select exhausted from budget)
  order by c.scope, c.subject, c.since
  on conflict (scope, subject, since) do update set failures = verification_failure.failures + 1
)
select slow from budget;

-- name: forget_failures
-- Forgets what no limit looks at any more.
delete from verification_failure where since < now() - interval '2 days';
