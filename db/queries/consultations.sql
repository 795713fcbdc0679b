-- name: write
-- Keeps a consultation, sealed.
insert into consultation (subject, sealed) values (:subject, :sealed) returning id;

-- name: keys_of
-- Of which version and generation the latest key of each of some diplomas is.
select id, version, key_generation from diploma where id = any((:diplomas)::uuid[]);

-- name: read
-- The sealed consultations of some diplomas, of each from an id on, the latest first, before an id, as many as asked. One by a key stands
-- under a subject of that key, and counts when the key is the diploma's own. Takes no account: whoever can name a subject has the master
-- secret, and names those of the account that asks.
select s.diploma_id, c.subject, c.id, c.sealed, date_trunc('minute', uuid_extract_timestamp(c.id)) as at
from unnest((:diplomas)::uuid[], (:subjects)::bytea[], (:lookups)::bytea[], (:since)::uuid[])
  as s (diploma_id, subject, key_lookup, since)
cross join lateral (select c.* from consultation c
  where c.subject = s.subject and c.id >= s.since and c.id < (:before)::uuid order by c.id desc limit :count) c
where s.key_lookup is null or exists (
  select from control_key k where k.lookup = s.key_lookup and k.diploma_id = s.diploma_id)
order by c.id desc limit :count;
