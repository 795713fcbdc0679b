-- name: sessions
-- Published sessions of two families in every academy of today, 2009 to 2026; the ids that diplomas are spread over.
insert into exam_session (family, academy_code, year, state, published_at)
select f.code, a.code, y.year, 'PUBLISHED', '2026-07-05 08:00Z'
from academy a cross join generate_series(2009, 2026) as y (year) cross join unnest('{bac,dnb}'::text[]) as f (code)
where a.kind = 'ACADEMY' and a.valid_until is null returning id;

-- name: diplomas
-- So many diplomas, spread over the sessions.
insert into diploma (session_id, candidate_number)
select ((:sessions)::uuid[])[1 + n % cardinality((:sessions)::uuid[])], 'N' || n from generate_series(1, (:size)::int) n;

-- name: versions
-- The first version of each diploma, under names that repeat.
insert into diploma_version (diploma_id, version, publication_id, status, content_hash, birth_name, given_names, sex, birth_date,
  birth_commune, birth_place, birth_country, title_code, title, national_level, mention, name_key, details, recorded_at)
select d.id, 1, s.id, 'VALID', sha256(d.id::text::bytea), ((:names)::text[])[1 + h.n % 16], array[((:given)::text[])[1 + h.n / 16 % 16], 'Marie'], 'F',
  format('%s-%s-12', s.year - 18, lpad((1 + h.n % 12)::text, 2, '0')), '25056', 'Besançon', '99100',
  case s.family when 'bac' then '47010019' else '67110004' end,
  case s.family when 'bac' then 'Baccalauréat général' else 'Diplôme national du brevet, série générale' end,
  case s.family when 'bac' then 4 end, (array['BIEN', 'ASSEZ_BIEN', 'TRES_BIEN', null])[1 + h.n % 4], ((:keys)::text[])[1 + h.n % 16],
  case s.family when 'bac' then
    '{"specialities":["Mathématiques","Physique-chimie"],"options":["SECTION_EUROPEENNE"],"section_language":"Anglais"}'
    else '{}' end::jsonb, '2026-07-05 08:00Z'
from diploma d join exam_session s on s.id = d.session_id
cross join lateral (select abs(hashtext(d.id::text) % 65536) as n) h;

-- name: counts
-- What a publication keeps of its number of diplomas.
update exam_session s set published_count = d.n from (select session_id, count(*) as n from diploma group by session_id) d
where d.session_id = s.id;

-- name: keys_drawn_twice
-- A release would give the second its next generation; here it goes.
delete from control_key where ctid = any(array(
  select ctid from (select ctid, row_number() over (partition by lookup) as nth from control_key) k where nth > 1));

-- name: sample
-- The diplomas that verifications ask for, with what asks for them.
create table bench.sample as
select d.id, v.birth_name from (select id from diploma order by random() limit 10100) d
join diploma_version v on v.diploma_id = d.id and v.version = 1
where exists (select from control_key k where k.diploma_id = d.id) order by random() limit 10000;

-- name: accounts
-- So many accounts of one family name each.
insert into account (id) select uuidv7() from generate_series(1, (:holders)::int);

-- name: identities
-- A person for each account; the subject is its number, from which the secret of its session is made.
insert into identity (provider, subject, account_id, person, proven)
select 'franceconnect', (row_number() over (order by id))::text, id, (:person)::jsonb, true from account;

-- name: claims
-- Three requests of each account that were granted.
insert into claim (reference, account_id, family, academy_code, year, facts, person, state)
select d.id::text, i.account_id, d.family, d.academy_code, d.year, (:facts)::jsonb, i.person, 'ADDED'
from (select account_id, person, row_number() over () as nth from identity cross join generate_series(1, 3)) i
join (select d.id, s.family, s.academy_code, s.year, row_number() over () as nth
  from (select id, session_id from diploma order by random() limit (:holders)::int * 3) d
  join exam_session s on s.id = d.session_id) d using (nth);

-- name: holdings
-- The diplomas of those requests.
insert into holding (diploma_id, account_id, claim_id, attached_at)
select reference::uuid, account_id, id, '2026-07-06 08:00Z' from claim;

-- name: reviews
-- Two hundred requests that wait for an agent of each academy.
insert into claim (reference, account_id, family, academy_code, year, facts, person, state, created_at)
select format('%s-%s', a.code, n), i.account_id, 'bac', a.code, 2009 + n % 18, (:facts)::jsonb, i.person, 'REVIEW', '2026-07-07 08:00Z'
from (select distinct academy_code as code from exam_session) a cross join generate_series(1, 200) n
join (select account_id, person, row_number() over () as nth from identity) i
  on i.nth = 1 + n % (select count(*) from identity);

-- name: candidates
-- Two records for each of them, some of which another account has.
with drawn as (
  select id, row_number() over () as nth from (
    (select id from diploma order by random() limit 10000) union select diploma_id from (select diploma_id from holding limit 1000) h) d
), waiting as (
  select id, row_number() over (order by id) as nth from claim where state = 'REVIEW'
), size as (
  select count(*) as n from drawn
)
insert into claim_candidate (claim_id, diploma_id, decision, comparison)
select w.id, d.id, 'REVIEW', '{"family":"EQ","given":"OTHER","date":"EQ","place":"UNKNOWN","sex":"EQ"}'
from waiting w cross join generate_series(0, 1) as k cross join size join drawn d on d.nth = 1 + (w.nth * 2 + k) % size.n;

-- name: agents
-- An agent for each academy, named by its code.
insert into agent (name, role, academies)
select distinct academy_code, 'AGENT', array[academy_code] from exam_session returning id, name;

-- name: decisions
-- A decision that was taken back on every second request.
insert into review_decision (claim_id, kind, reason, two_agents, prepared_by, cancelled_by, cancelled_at)
select c.id, 'REFUSE', 'Vérifier la commune.', false, a.id, a.id, now()
from (select *, row_number() over (order by id) as nth from claim where state = 'REVIEW') c join agent a on a.name = c.academy_code
where nth % 2 = 0;

-- name: failures
-- Failed verifications of others, among which the limits look.
insert into verification_failure (scope, subject, since, failures)
select (array['ADDRESS', 'NAME', 'KEY'])[1 + n % 3], substr(sha256(n::text::bytea), 1, 16), date_trunc('hour', now()), 1 + n % 4
from generate_series(1, 30000) n;

-- name: ready
-- The same state before each run: sessions seen lately enough for none to be written, nothing in the journal of consultations.
with dated as (update web_session set seen_at = now() + interval '12 hours', ends_at = now() + interval '2 days')
update agent_token set expires_at = now() + interval '30 days';

-- name: families
-- The families as PostGraphile finds them: in a table, what others hold in memory.
create table bench.family (code text primary key, first_session int, last_session int, at_establishment bool not null);

-- name: availability_type
-- What the function below answers, under the names that PostGraphile gives its fields.
create type bench.availability as (academy_code text, academy_name text, family text, session int, count int, state text);

-- name: availability
-- The statement of availability as a function, which is how PostGraphile is given one.
create function bench.availability(from_year int, to_year int) returns setof bench.availability language sql stable as $$
select a.code, a.name, f.code, y.year, s.published_count,
  case when y.year < coalesce(extract(year from a.valid_from), 0) or y.year > coalesce(extract(year from a.valid_until), 9999)
      or y.year < coalesce(f.first_session, 0) or y.year > coalesce(f.last_session, 9999) or y.year > extract(year from now())
    then 'OUT_OF_SCOPE'
    when s.id is not null then 'AVAILABLE'
    when f.at_establishment then 'ESTABLISHMENT'
    when y.year < coalesce(own.first_session, others.first_session, 0) then 'PAPER_ONLY'
    else 'AWAITING_RESULTS' end
from public.academy a
cross join bench.family f
cross join generate_series(from_year, to_year) as y (year)
left join public.coverage own on own.academy_code = a.code and own.family = f.code
left join public.coverage others on others.academy_code = '*' and others.family = f.code
left join public.exam_session s on s.academy_code = a.code and s.family = f.code and s.year = y.year and s.state = 'PUBLISHED'
where a.kind <> 'INTERACADEMIC' order by a.code, f.code, y.year
$$;
