select x.o, convert_to((select '['
|| coalesce(string_agg('{"session":'
|| coalesce((r1.session)::text, E'\x03')
|| ',"family":'
|| coalesce(to_json(r1.family)::text, E'\x03')
|| ',"academy":{"code":'
|| coalesce(to_json(r1.code)::text, E'\x03')
|| ',"name":'
|| coalesce(to_json(r1.name)::text, E'\x03')
|| '},"state":'
|| coalesce(case when r1.state in ('AVAILABLE', 'AWAITING_RESULTS', 'PAPER_ONLY', 'ESTABLISHMENT', 'ELSEWHERE', 'OUT_OF_SCOPE') then '"'
|| r1.state
|| '"' when r1.state is not null then E'\x03' end, E'\x03')
|| ',"count":'
|| coalesce((r1.count)::text, 'null')
|| ',"askAt":'
|| case when r1.paper_service is null then 'null' else '{"name":'
|| coalesce(to_json(r1.asked_service_name)::text, E'\x03')
|| ',"city":'
|| coalesce(to_json(r1.asked_service_city)::text, 'null')
|| ',"website":'
|| coalesce(to_json(r1.asked_service_website)::text, 'null')
|| '}' end
|| '}', ','), '')
|| ']'
from (with recursive wanted as (
  select a.* from academy a where a.kind <> 'INTERACADEMIC' and ((x.p1)::text is null or a.code = x.p1)
  union
  select a.* from academy a join wanted w on a.successor_code = w.code
), answering as materialized (
  select w.code, d.code as desk, s.code as asked_service_code, s.name as asked_service_name, s.city as asked_service_city,
    s.website as asked_service_website
  from wanted w left join foreign_centre c on w.kind = 'ABROAD' and c.country_code = (x.p2)::text
  left join academy d on d.code = academy_today(case w.kind when 'ABROAD' then c.academy_code else w.code end)
  left join exam_service s on s.code = d.exam_service_code
), family as (
  select *
from unnest((x.p3)::text[], (x.p4)::int[], (x.p5)::int[], (x.p6)::text[],
    (x.p7)::int[], (x.p8)::int[], (x.p9)::text[], (x.p10)::text[], (x.p11)::text[])
    as f (code, first_session, last_session, asked, asked_from, asked_to, instructions_fr, instructions_en, website)
)
select w.*, case w.state when 'PAPER_ONLY' then w.asked_service_code end as paper_service,
  case w.state when 'ELSEWHERE' then jsonb_build_object('fr', w.instructions_fr, 'en', w.instructions_en) end as instructions,
  case w.state when 'ELSEWHERE' then w.family_website end as website
from (
select f.code as family, y.year as session, s.published_count as count,
  case when y.year < coalesce(extract(year from a.valid_from), 0) or y.year > coalesce(extract(year from a.valid_until), 9999)
      or y.year < coalesce(f.first_session, 0) or y.year > coalesce(f.last_session, 9999) or y.year > (x.p12)::int
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
order by w.code, w.family, w.session) as r1), 'UTF8')
from (select x.o, x.p1::text as p1, x.p2::text as p2, x.p3::text[] as p3, x.p4::int[] as p4, x.p5::int[] as p5, x.p6::text[] as p6, x.p7::int[] as p7, x.p8::int[] as p8, x.p9::text[] as p9, x.p10::text[] as p10, x.p11::text[] as p11, x.p12::int as p12
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int[]) with ordinality as x (p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, o) offset 0) as x;
