select x.o, convert_to((select '{"edges":'
|| '['
|| coalesce(string_agg('{"node":{"id":'
|| '"'
|| replace(encode(convert_to('DiplomaTitle:'
|| (r1.code)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"code":'
|| coalesce(to_json(r1.code)::text, E'\x03')
|| ',"label":'
|| coalesce(to_json(r1.label)::text, E'\x03')
|| ',"nationalLevel":'
|| coalesce((r1.national_level)::text, 'null')
|| ',"firstSession":'
|| coalesce((r1.first_session)::text, 'null')
|| ',"lastSession":'
|| coalesce((r1.last_session)::text, 'null')
|| ',"supplementarySession":'
|| coalesce((r1.supplementary_session)::text, 'null')
|| ',"successorCode":'
|| coalesce(to_json(r1.successor_code)::text, 'null')
|| '}}', ',') filter (where r1.page_place < x.p4), '')
|| ']'
|| ',"pageInfo":{"hasNextPage":'
|| case when count(*) >= x.p4 then 'true' else 'false' end
|| ',"endCursor":'
|| coalesce(max('"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r1.code)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"') filter (where r1.page_place = least(r1.page_total, x.p4 - 1)), 'null')
|| '}}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select t.code, t.kind, t.label, t.first_session, coalesce(t.last_session, extract(year from t.closed_on)::int) as last_session,
  t.supplementary_session, t.successor_code, coalesce(t.national_level, l.level) as national_level
from diploma_title t left join national_level l on l.bcn_level = left(t.code, 3)
where t.kind = any((x.p1)::text[]) and t.code > (x.p2)::text
  and ((x.p3)::int is null or coalesce(t.first_session, 0) <= x.p3
    and (coalesce(t.last_session, extract(year from t.closed_on), 9999) >= x.p3 or t.supplementary_session = x.p3))
order by t.code limit (x.p4)::int) as page) as r1 having true), 'UTF8')
from (select x.o, x.p1::text[] as p1, x.p2::text as p2, x.p3::int as p3, x.p4::int as p4
from unnest($1::text[], $2::text[], $3::int[], $4::int[]) with ordinality as x (p1, p2, p3, p4, o) offset 0) as x;
