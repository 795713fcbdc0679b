-- name: write
-- Keeps a consultation, sealed.
insert into consultation (subject, sealed) values (:subject, :sealed) returning id;

-- name: read
-- The sealed consultations of some subjects, each since a time, the latest first, before an id, as many as asked.
select c.subject, c.id, c.sealed, date_trunc('minute', uuid_extract_timestamp(c.id)) as at
from unnest((:subjects)::bytea[], (:since)::timestamptz[]) as s (subject, since)
cross join lateral (select c.* from consultation c
  where c.subject = s.subject and c.id < (:before)::uuid and uuid_extract_timestamp(c.id) >= date_trunc('milliseconds', s.since)
  order by c.id desc limit :count) c
order by c.id desc limit :count;
