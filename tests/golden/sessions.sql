select x.o, convert_to((select '{"edges":'
|| '['
|| coalesce(string_agg('{"cursor":'
|| '"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.year)::text
|| ','
|| to_json(r1.family)::text
|| ','
|| to_json(r1.academy_code)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"'
|| ',"node":{"id":'
|| '"'
|| replace(encode(convert_to('ExamSession:'
|| (r1.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"family":'
|| coalesce(to_json(r1.family)::text, E'\x03')
|| ',"academyCode":'
|| coalesce(to_json(r1.academy_code)::text, E'\x03')
|| ',"year":'
|| coalesce((r1.year)::text, E'\x03')
|| ',"state":'
|| coalesce(case when r1.state in ('OPEN', 'COMPLETE', 'PREPARED', 'PUBLISHED', 'WITHDRAWN') then '"'
|| r1.state
|| '"' when r1.state is not null then E'\x03' end, E'\x03')
|| ',"publishedCount":'
|| coalesce((r1.published_count)::text, E'\x03')
|| '}}', ',') filter (where r1.page_place < x.p7), '')
|| ']'
|| ',"pageInfo":{"hasNextPage":'
|| case when count(*) >= x.p7 then 'true' else 'false' end
|| ',"endCursor":'
|| coalesce(max('"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.year)::text
|| ','
|| to_json(r1.family)::text
|| ','
|| to_json(r1.academy_code)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"') filter (where r1.page_place = least(r1.page_total, x.p7 - 1)), 'null')
|| '}}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select * from shown_session s
where s.academy_code = any((x.p1)::text[]) and ((x.p2)::text is null or s.family = x.p2)
  and ((x.p3)::int is null or s.year = x.p3)
  and (s.year, s.family, s.academy_code) < ((x.p4)::int, (x.p5)::text, (x.p6)::text)
order by s.year desc, s.family desc, s.academy_code desc limit (x.p7)::int) as page) as r1 having true), 'UTF8')
from (select x.o, x.p1::text[] as p1, x.p2::text as p2, x.p3::int as p3, x.p4::int as p4, x.p5::text as p5, x.p6::text as p6, x.p7::int as p7
from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::int[]) with ordinality as x (p1, p2, p3, p4, p5, p6, p7, o) offset 0) as x;
