select x.o, convert_to((select '['
|| coalesce(string_agg('{"code":'
|| coalesce(to_json(r1.code)::text, E'\x03')
|| ',"name":'
|| coalesce(to_json(r1.name)::text, E'\x03')
|| ',"kind":'
|| coalesce(case when r1.kind in ('ACADEMY', 'OVERSEAS', 'INTERACADEMIC', 'ABROAD') then '"'
|| r1.kind
|| '"' when r1.kind is not null then E'\x03' end, E'\x03')
|| E',"departments":\x010:['
|| coalesce(to_json(r1.departments)::text, 'null')
|| E']\x02,"successorCode":'
|| coalesce(to_json(r1.successor_code)::text, 'null')
|| ',"region":'
|| case when r1.region_code is null then 'null' else '{"name":'
|| coalesce(to_json(r1.region_name)::text, E'\x03')
|| '}' end
|| ',"examService":'
|| case when r1.service_code is null then 'null' else '{"name":'
|| coalesce(to_json(r1.service_name)::text, E'\x03')
|| '}' end
|| '}', ','), '')
|| ']'
from (select a.code, a.name, a.kind, coalesce(a.departments, '') as departments, a.valid_from, a.valid_until, a.successor_code,
  r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  s.code as service_code, s.name as service_name, s.city as service_city, s.website as service_website
from academy a left join academic_region r on r.code = a.region_code left join exam_service s on s.code = a.exam_service_code
where (x.p1)::text[] is null or a.code = any((x.p1)::text[])
order by a.code) as r1), 'UTF8')
from (select x.o, x.p1::text[] as p1
from unnest($1::text[]) with ordinality as x (p1, o) offset 0) as x;

select x.o, convert_to((select '['
|| coalesce(string_agg('{"countryCode":'
|| coalesce(to_json(r1.country_code)::text, E'\x03')
|| ',"academy":{"code":'
|| coalesce(to_json(r1.code)::text, E'\x03')
|| '}}', ','), '')
|| ']'
from (select c.country_code, c.country, a.code, a.name, a.kind, coalesce(a.departments, '') as departments, a.valid_from, a.valid_until,
  a.successor_code, r.code as region_code, r.name as region_name, r.insee_code as region_insee_code,
  s.code as service_code, s.name as service_name, s.city as service_city, s.website as service_website
from foreign_centre c join academy a on a.code = c.academy_code
left join academic_region r on r.code = a.region_code left join exam_service s on s.code = a.exam_service_code
order by c.country_code) as r1), 'UTF8') from generate_series(1, $1::int) as x (o);
