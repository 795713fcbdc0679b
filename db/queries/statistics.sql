-- name: sessions
-- The published sessions of the caller's academies in some years, with the mentions that were counted when each was prepared.
select s.family, s.academy_code, s.year, p.count as diplomas, p.mentions
from exam_session s join publication p on p.session_id = s.id and p.edition = s.edition and p.released_at is not null
where s.state = 'PUBLISHED' and s.academy_code = any((:academies)::text[]) and s.year between :first_year and :last_year
  and ((:family)::text is null or s.family = :family)
order by s.year, s.family, s.academy_code;

-- name: requests
-- What the caller's academies received and ended in each quarter of some years that is over, by kind; delays in days.
with moved as (
  select academy_code, kind, submitted_at as at, 'RECEIVED' as what, null::interval as delay
  from document_request
  where academy_code = any((:academies)::text[]) and submitted_at >= (:since)::timestamptz and submitted_at < (:until)::timestamptz
  union all
  select academy_code, kind, ended_at, state, ended_at - submitted_at
  from document_request
  where academy_code = any((:academies)::text[]) and ended_at >= (:since)::timestamptz and ended_at < (:until)::timestamptz
)
select academy_code, extract(year from at at time zone 'Europe/Paris')::int as year,
  extract(quarter from at at time zone 'Europe/Paris')::int as quarter, kind,
  count(*) filter (where what = 'RECEIVED') as received,
  count(*) filter (where what = 'DELIVERED') as delivered,
  count(*) filter (where what = 'REFUSED') as refused,
  count(*) filter (where what = 'WITHDRAWN') as withdrawn,
  count(*) filter (where what in ('DELIVERED', 'REFUSED')) as answered,
  round(extract(epoch from percentile_disc(0.5) within group (order by delay) filter (where what in ('DELIVERED', 'REFUSED')))
    / 86400)::int as median_days
from moved group by 1, 2, 3, 4 order by 1, 2, 3, 4;
