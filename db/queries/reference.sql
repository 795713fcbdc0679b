-- name: loaded_files
-- The reference files that were loaded, with the digest of their content.
select name, digest from reference_file;

-- name: remember_file
-- Notes the content of a loaded file, and tells who keeps answers of it.
insert into reference_file (name, digest) values (:name, :digest)
on conflict (name) do update set digest = excluded.digest returning pg_notify('parchemin_register', '');

-- name: load_academic_region
-- Writes the rows of the file.
insert into academic_region select * from jsonb_populate_recordset(null::academic_region, :rows)
on conflict (code) do update set (name, insee_code, valid_from, valid_until, source) =
  (excluded.name, excluded.insee_code, excluded.valid_from, excluded.valid_until, excluded.source);

-- name: load_exam_service
-- Writes the rows of the file.
insert into exam_service select * from jsonb_populate_recordset(null::exam_service, :rows)
on conflict (code) do update set (name, city, website, source) =
  (excluded.name, excluded.city, excluded.website, excluded.source);

-- name: load_academy
-- Writes the rows of the file.
insert into academy select * from jsonb_populate_recordset(null::academy, :rows)
on conflict (code) do update set
  (name, kind, region_code, exam_service_code, departments, valid_from, valid_until, successor_code, source) =
  (excluded.name, excluded.kind, excluded.region_code, excluded.exam_service_code, excluded.departments, excluded.valid_from,
   excluded.valid_until, excluded.successor_code, excluded.source);

-- name: load_foreign_centre
-- Writes the rows of the file.
insert into foreign_centre select * from jsonb_populate_recordset(null::foreign_centre, :rows)
on conflict (country_code) do update set (country, academy_code, source) =
  (excluded.country, excluded.academy_code, excluded.source);

-- name: load_national_level
-- Writes the rows of the file.
insert into national_level select * from jsonb_populate_recordset(null::national_level, :rows)
on conflict (bcn_level) do update set
  (abbreviation, label, kind, ministry, level, former_level, opened_on, closed_on, source) =
  (excluded.abbreviation, excluded.label, excluded.kind, excluded.ministry, excluded.level, excluded.former_level,
   excluded.opened_on, excluded.closed_on, excluded.source);

-- name: load_diploma_title
-- Writes the rows of the file.
insert into diploma_title select * from jsonb_populate_recordset(null::diploma_title, :rows)
on conflict (code) do update set
  (kind, label, bcn_label, first_session, last_session, supplementary_session, successor_code, opened_on, closed_on, source,
   national_level, family) =
  (excluded.kind, excluded.label, excluded.bcn_label, excluded.first_session, excluded.last_session,
   excluded.supplementary_session, excluded.successor_code, excluded.opened_on, excluded.closed_on, excluded.source,
   excluded.national_level, excluded.family);

-- name: load_titles_of_family
-- Writes the titles that a family brings; one that is no longer in its file stays, for the diplomas that have it.
insert into diploma_title (code, kind, label, national_level, first_session, last_session, supplementary_session, successor_code,
  opened_on, closed_on, source, family)
select t.code, t.kind, t.label, t.national_level, t.first_session, t.last_session, t.supplementary_session, t.successor_code,
  t.opened_on, t.closed_on, t.source, :family
from jsonb_populate_recordset(null::diploma_title, :rows) t
on conflict (code) do update set
  (kind, label, national_level, first_session, last_session, supplementary_session, successor_code, opened_on, closed_on, source,
   family) =
  (excluded.kind, excluded.label, excluded.national_level, excluded.first_session, excluded.last_session,
   excluded.supplementary_session, excluded.successor_code, excluded.opened_on, excluded.closed_on, excluded.source, excluded.family);

-- name: load_coverage
-- Writes the rows of the file.
insert into coverage select * from jsonb_populate_recordset(null::coverage, :rows)
on conflict (academy_code, family) do update set (first_session, source) = (excluded.first_session, excluded.source);

-- name: load_role
-- Writes the rows of the file.
insert into role select * from jsonb_populate_recordset(null::role, :rows)
on conflict (code) do update set (label_fr, label_en, source) = (excluded.label_fr, excluded.label_en, excluded.source);

-- name: load_role_right
-- Writes the rows of the file; a right that is no longer in it is nobody's.
with given as (
  select * from jsonb_populate_recordset(null::role_right, :rows)
), over as (
  delete from role_right r where not exists (select from given g where (g.role, g.act) = (r.role, r.act))
)
insert into role_right select * from given on conflict (role, act) do update set source = excluded.source;

-- name: load_way_of_appeal
-- Writes the rows of the file.
insert into way_of_appeal select * from jsonb_populate_recordset(null::way_of_appeal, :rows)
on conflict (code) do update set (kinds, text_fr, text_en, source) =
  (excluded.kinds, excluded.text_fr, excluded.text_en, excluded.source);

-- name: load_refusal_template
-- Writes the rows of the file; one that is no longer in it refuses nothing more, and still says why it did.
with given as (
  select * from jsonb_populate_recordset(null::refusal_template, :rows)
), over as (
  update refusal_template t set kinds = '{}' where not exists (select from given g where g.code = t.code)
)
insert into refusal_template select * from given
on conflict (code) do update set (kinds, label_fr, label_en, text_fr, text_en, needs_grounds, source) =
  (excluded.kinds, excluded.label_fr, excluded.label_en, excluded.text_fr, excluded.text_en, excluded.needs_grounds, excluded.source);

-- name: academies
-- The academies, former ones included, with their region and exam service; at most some forty rows.
select a.code, a.name, a.kind, coalesce(a.departments, '') as departments, a.valid_from, a.valid_until, a.successor_code,
  r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  s.code as service_code, s.name as service_name, s.city as service_city, s.website as service_website
from academy a left join academic_region r on r.code = a.region_code left join exam_service s on s.code = a.exam_service_code
where (:codes)::text[] is null or a.code = any((:codes)::text[])
order by a.code;

-- name: foreign_centres
-- The academy that holds the exams of each country abroad, with its region and exam service; some thirty rows.
select c.country_code, c.country, a.code, a.name, a.kind, coalesce(a.departments, '') as departments, a.valid_from, a.valid_until,
  a.successor_code, r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  s.code as service_code, s.name as service_name, s.city as service_city, s.website as service_website
from foreign_centre c join academy a on a.code = c.academy_code
left join academic_region r on r.code = a.region_code left join exam_service s on s.code = a.exam_service_code
order by c.country_code;

-- name: titles_page
-- A page of the diploma titles of some kinds in the order of their codes, one more than asked to know whether there is a next.
select t.code, t.kind, t.label, t.first_session, coalesce(t.last_session, extract(year from t.closed_on)::int) as last_session,
  t.supplementary_session, t.successor_code, coalesce(t.national_level, l.level) as national_level
from diploma_title t left join national_level l on l.bcn_level = left(t.code, 3)
where t.kind = any((:kinds)::text[]) and t.code > (:after)::text
  and ((:session)::int is null or coalesce(t.first_session, 0) <= :session
    and (coalesce(t.last_session, extract(year from t.closed_on), 9999) >= :session or t.supplementary_session = :session))
order by t.code limit (:count)::int;

-- name: titles_by_code
-- The diploma titles with these codes.
select t.code, t.kind, t.label, t.first_session, coalesce(t.last_session, extract(year from t.closed_on)::int) as last_session,
  t.supplementary_session, t.successor_code, coalesce(t.national_level, l.level) as national_level
from diploma_title t left join national_level l on l.bcn_level = left(t.code, 3)
where t.code = any(:codes);

-- name: titles_of_kinds
-- Every title of some kinds, for an import: code, label, sessions, level.
select t.code, t.kind, t.label, t.first_session, coalesce(t.last_session, extract(year from t.closed_on)::int) as last_session,
  t.supplementary_session, t.successor_code, coalesce(t.national_level, l.level) as national_level
from diploma_title t left join national_level l on l.bcn_level = left(t.code, 3)
where t.kind = any(:kinds);

-- name: academy_held
-- Whether the academy exists at a session: its validity reaches the year.
select exists (select from academy a where a.code = :academy and a.kind <> 'INTERACADEMIC'
  and coalesce(extract(year from a.valid_from), 0) <= (:year)::int
  and coalesce(extract(year from a.valid_until), 9999) >= (:year)::int);

-- name: availability
-- For each academy, family and session: where a diploma is to be found, and whose desk and exam service answer for what is not online.
-- A family stands there once for the years in which the same one is asked for its diplomas.
-- A session counts as available by its publication alone; one that is being prepared and one that nobody has opened are the same here.
-- Asked for an academy, its former ones come too. Abroad the country of the centre says who answers.
with recursive wanted as (
  select a.* from academy a where a.kind <> 'INTERACADEMIC' and ((:academy)::text is null or a.code = :academy)
  union
  select a.* from academy a join wanted w on a.successor_code = w.code
), answering as materialized (
  select w.code, d.code as desk, s.code as asked_service_code, s.name as asked_service_name, s.city as asked_service_city,
    s.website as asked_service_website
  from wanted w left join foreign_centre c on w.kind = 'ABROAD' and c.country_code = (:country)::text
  left join academy d on d.code = academy_today(case w.kind when 'ABROAD' then c.academy_code else w.code end)
  left join exam_service s on s.code = d.exam_service_code
), family as (
  select * from unnest((:families)::text[], (:first_sessions)::int[], (:last_sessions)::int[], (:asked)::text[],
    (:asked_from)::int[], (:asked_to)::int[], (:instructions_fr)::text[], (:instructions_en)::text[], (:websites)::text[])
    as f (code, first_session, last_session, asked, asked_from, asked_to, instructions_fr, instructions_en, website)
)
select w.*, case w.state when 'PAPER_ONLY' then w.asked_service_code end as paper_service,
  case w.state when 'ELSEWHERE' then jsonb_build_object('fr', w.instructions_fr, 'en', w.instructions_en) end as instructions,
  case w.state when 'ELSEWHERE' then w.family_website end as website
from (
select f.code as family, y.year as session, s.published_count as count,
  case when y.year < coalesce(extract(year from a.valid_from), 0) or y.year > coalesce(extract(year from a.valid_until), 9999)
      or y.year < coalesce(f.first_session, 0) or y.year > coalesce(f.last_session, 9999) or y.year > (:current_year)::int
    then 'OUT_OF_SCOPE'
    when s.id is not null then 'AVAILABLE'
    when f.asked <> 'EXAM_SERVICE' then f.asked
    when y.year < coalesce(own.first_session, others.first_session, 0) then 'PAPER_ONLY'
    else 'AWAITING_RESULTS' end as state,
  a.code, a.name, a.kind, coalesce(a.departments, '') as departments, a.valid_from, a.valid_until, a.successor_code,
  r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  e.code as service_code, e.name as service_name, e.city as service_city, e.website as service_website,
  n.desk, n.asked_service_code, n.asked_service_name, n.asked_service_city, n.asked_service_website,
  f.instructions_fr, f.instructions_en, f.website as family_website
from wanted a cross join family f cross join generate_series(f.asked_from, f.asked_to) as y (year)
join answering n on n.code = a.code
left join academic_region r on r.code = a.region_code
left join exam_service e on e.code = a.exam_service_code
left join coverage own on own.academy_code = a.code and own.family = f.code
left join coverage others on others.academy_code = '*' and others.family = f.code
left join exam_session s on s.academy_code = a.code and s.family = f.code and s.year = y.year and s.state = 'PUBLISHED'
) w
order by w.code, w.family, w.session;

-- name: level_of_title
-- The kind of a title, or else of the level that its national code begins with, and the ministry of that; no row without such a level.
select coalesce(t.kind, l.kind) as kind, l.ministry
from national_level l left join diploma_title t on t.code = (:title)::text where l.bcn_level = left((:title)::text, 3);
