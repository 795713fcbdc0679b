-- name: verify
-- One row: whether the failures of these subjects exhaust their limits, and what the register says of a key and a birth name.
-- The diploma's columns are null when the key is unknown, the name another, the session not published, or the limits exhausted.
-- A key of an older version finds the current one, unless the person's name changed: the old name then leads nowhere.
with counted as (
  select b.scope, b.most, b.most_in_slow_mode, coalesce(f.failures, 0) as failures
  from unnest((:scopes)::text[], (:subjects)::bytea[], (:since)::timestamptz[], (:most)::int[], (:most_in_slow_mode)::int[])
    as b (scope, subject, since, most, most_in_slow_mode)
  -- `limit` keeps this a look-up for each subject: a plan made when the table was small would read all of it
  left join lateral (select failures from verification_failure v
    where v.scope = b.scope and v.subject = b.subject and v.since = b.since limit 1) f on true
), budget as (
  select bool_or(case when c.scope = 'SITE' then false
    when slow.failures >= slow.most then c.failures >= c.most_in_slow_mode
    else c.failures >= c.most end) as exhausted, bool_or(slow.failures >= slow.most) as slow
  from counted c cross join (select failures, most from counted where scope = 'SITE') slow
), found as (
  select k.version as key_version, p.*
  from control_key k
  join published_diploma p on p.id = k.diploma_id
  join diploma_version o on o.diploma_id = k.diploma_id and o.version = k.version
  where k.lookup = :lookup and k.revoked_at is null and k.version >= p.oldest_key_version
    and o.name_key = :name_key and p.name_key = :name_key
    and not (select exhausted from budget)
)
select b.exhausted, b.slow, f.* from budget b left join found f on true;

-- name: count_failure
-- Counts a failed verification against each of its subjects.
insert into verification_failure (scope, subject, since, failures)
select scope, subject, since, 1 from unnest((:scopes)::text[], (:subjects)::bytea[], (:since)::timestamptz[])
  as b (scope, subject, since)
order by scope, subject, since
on conflict (scope, subject, since) do update set failures = verification_failure.failures + 1;

-- name: diploma_of_key
-- The published diploma of a key that somebody gave with a wrong name.
select k.diploma_id, k.version from control_key k
join published_diploma p on p.id = k.diploma_id and k.version >= p.oldest_key_version
where k.lookup = :lookup and k.revoked_at is null;

-- name: forget_failures
-- Forgets what no limit looks at any more.
delete from verification_failure where since < now() - interval '2 days';
