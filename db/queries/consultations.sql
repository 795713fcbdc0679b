-- name: write
-- Keeps a consultation, sealed.
insert into consultation (subject, sealed) values (:subject, :sealed) returning id;

-- name: read
-- The sealed consultations of some subjects, of each from an id on, the latest first, before an id, as many as asked. Takes no account:
-- whoever can name a subject has the master secret, and names those of the account that asks.
select c.subject, c.id, c.sealed, date_trunc('minute', uuid_extract_timestamp(c.id)) as at
from unnest((:subjects)::bytea[], (:since)::uuid[]) as s (subject, since)
cross join lateral (select c.* from consultation c
  where c.subject = s.subject and c.id >= s.since and c.id < (:before)::uuid order by c.id desc limit :count) c
order by c.id desc limit :count;
