-- What the rules made of a request when it came, its legal days, and a request as both sides read it.

alter table document_request
  -- what no answer in the delay means; later rules change nothing of it
  add column silence text not null check (silence in ('REFUSAL', 'ACCEPTANCE')),
  -- the kinds of pieces that are awaited: asking puts them in, and a piece of the kind takes it out
  add column missing_pieces text[] not null default '{}'
    check (missing_pieces <@ '{IDENTITY,MANDATE,CIVIL_STATUS,AUTHORITY,OTHER}'::text[]);

-- somebody asks for a document once: the same request is refused while one is open
create unique index document_request_once on document_request
  (account_id, kind, family, year, obtained_in, coalesce(country_code, ''), jsonb_hash_extended(coalesce(represented, '{}'), 0))
  where state in ('SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED');

-- Legal days. They are here, and not in Python, because each change of a request is one statement: the delay is computed where it is written.

-- Easter of a year (Gregorian calendar, the algorithm that Nature published on 20 April 1876).
create function easter(year int) returns date language sql immutable strict as $$
  select make_date(year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1)
  from (select year % 19 as a, year / 100 as b, year % 100 as c) y
  cross join lateral (select (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30 as h) epact
  cross join lateral (select (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7 as l) weekday
  cross join lateral (select (a + 11 * h + 22 * l) / 451 as m) correction
$$;

-- Whether a day is a national holiday (code du travail, art. L3133-1), those of 8 May since 1982 included; Alsace and Moselle have two more.
create function public_holiday(day date) returns boolean language sql immutable strict as $$
  select to_char(day, 'MM-DD') in ('01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25')
    or day - easter(extract(year from day)::int) in (1, 39, 50)
$$;

-- The day itself, or the next one that is neither a Saturday, a Sunday nor a holiday (as code de procédure civile, art. 642).
create function working_day(day date) returns date language sql immutable strict as $$
  select min(d::date) from generate_series(day::timestamp, day + interval '10 days', interval '1 day') d
  where extract(isodow from d) < 6 and not public_holiday(d::date)
$$;

-- The day in France of a moment.
create function day_in_france(moment timestamptz) returns date language sql immutable strict as $$
  select (moment at time zone 'Europe/Paris')::date
$$;

-- The last day of a delay in months that begins on the day after the receipt: it ends with the same day of the month, or the month's last
-- one where there is no such day, and moves to the next working day.
create function legal_due(received timestamptz, months int) returns date language sql immutable strict as $$
  select working_day((day_in_france(received) + make_interval(months => months))::date)
$$;

-- The last day of a delay that has rested since a moment and runs again at another: every day waited is added (CRPA, art. L114-5).
create function legal_due_again(due date, rested_since timestamptz, again timestamptz) returns date language sql immutable strict as $$
  select working_day(due + (day_in_france(again) - day_in_france(rested_since)))
$$;

-- The academy that has an academy's papers today: itself, or the last of its successors.
create function academy_today(academy text) returns text language sql stable strict as $$
  with recursive line as (
    select code, successor_code, 1 as step from academy a where a.code = academy_today.academy
    union all
    select a.code, a.successor_code, step + 1 from academy a join line l on a.code = l.successor_code
  )
  select code from line order by step desc limit 1
$$;

-- A request as both sides read it: with the academy where the exam was passed, and the exam service that answers. Its `applicant` is
-- nobody once the account is closed.
create view shown_document_request as
select q.*, nullif(q.person, '{}') as applicant,
  a.code as obtained_code, a.name as obtained_name, a.kind as obtained_kind, coalesce(a.departments, '') as obtained_departments,
  a.valid_from as obtained_valid_from, a.valid_until as obtained_valid_until, a.successor_code as obtained_successor_code,
  r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website,
  s.code as answering_service_code, s.name as answering_service_name, s.city as answering_service_city,
  s.website as answering_service_website
from document_request q join academy a on a.code = q.obtained_in
left join academic_region r on r.code = a.region_code left join exam_service e on e.code = a.exam_service_code
join academy d on d.code = q.academy_code left join exam_service s on s.code = d.exam_service_code;
