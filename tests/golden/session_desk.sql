select x.o, convert_to('{"id":'
|| '"'
|| replace(encode(convert_to('ExamSession:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"family":'
|| coalesce(to_json(found.family)::text, E'\x03')
|| ',"academyCode":'
|| coalesce(to_json(found.academy_code)::text, E'\x03')
|| ',"year":'
|| coalesce((found.year)::text, E'\x03')
|| ',"state":'
|| coalesce(case when found.state in ('OPEN', 'COMPLETE', 'PREPARED', 'PUBLISHED', 'WITHDRAWN') then '"'
|| found.state
|| '"' when found.state is not null then E'\x03' end, E'\x03')
|| ',"edition":'
|| coalesce((found.edition)::text, E'\x03')
|| ',"undecided":'
|| coalesce((found.undecided)::text, E'\x03')
|| ',"unconfirmed":'
|| coalesce((found.unconfirmed)::text, E'\x03')
|| ',"publishedAt":'
|| coalesce('"'
|| replace(to_char(found.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| ',"publishedCount":'
|| coalesce((found.published_count)::text, E'\x03')
|| E',"missing":\x010:['
|| coalesce(to_json(found.import_id)::text, 'null')
|| ','
|| coalesce(to_json(found.open_groups)::text, 'null')
|| ','
|| coalesce(to_json(found.undecided)::text, 'null')
|| ','
|| coalesce(to_json(found.unconfirmed)::text, 'null')
|| E']\x02,"juryGroups":'
|| (select '['
|| coalesce(string_agg('{"code":'
|| coalesce(to_json(r1.code)::text, E'\x03')
|| ',"closedAt":'
|| coalesce('"'
|| replace(to_char(r1.closed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| ',"closedBy":'
|| coalesce(to_json(r1.closed_by)::text, 'null')
|| '}', ','), '')
|| ']'
from (select g.session_id, g.code, g.position, g.closed_at, a.name as closed_by
from jury_group g join exam_session s on s.id = g.session_id left join agent a on a.id = g.closed_by
where g.session_id = found.id and s.academy_code = any((x.p5)::text[]) order by g.session_id, g.position) as r1)
|| ',"imports":'
|| (select '['
|| coalesce(string_agg('{"id":'
|| '"'
|| replace(encode(convert_to('Import:'
|| (r2.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"fileName":'
|| coalesce(to_json(r2.file_name)::text, E'\x03')
|| ',"state":'
|| coalesce(case when r2.state in ('WAITING', 'RUNNING', 'STAGED', 'CURRENT', 'REPLACED', 'DISCARDED', 'FAILED') then '"'
|| r2.state
|| '"' when r2.state is not null then E'\x03' end, E'\x03')
|| ',"lines":'
|| coalesce((r2.lines)::text, E'\x03')
|| ',"accepted":'
|| coalesce((r2.accepted)::text, E'\x03')
|| ',"refused":'
|| coalesce((r2.refused)::text, E'\x03')
|| ',"flagged":'
|| coalesce((r2.flagged)::text, E'\x03')
|| E',"problem":\x011:['
|| coalesce(to_json(r2.problem)::text, 'null')
|| E']\x02,"submittedBy":'
|| coalesce(to_json(r2.submitted_by)::text, E'\x03')
|| ',"submittedAt":'
|| coalesce('"'
|| replace(to_char(r2.submitted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"endedAt":'
|| coalesce('"'
|| replace(to_char(r2.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| ',"difference":'
|| case coalesce(jsonb_typeof(r2.difference), 'null') when 'object' then '{"added":'
|| coalesce(case coalesce(jsonb_typeof((r2.difference -> 'added')), 'null') when 'number' then case when ((r2.difference -> 'added'))::text ~ '^-?[0-9]{1,9}$' then ((r2.difference -> 'added'))::text else E'\x03' end when 'null' then null else E'\x03' end, E'\x03')
|| ',"changed":'
|| coalesce(case coalesce(jsonb_typeof((r2.difference -> 'changed')), 'null') when 'number' then case when ((r2.difference -> 'changed'))::text ~ '^-?[0-9]{1,9}$' then ((r2.difference -> 'changed'))::text else E'\x03' end when 'null' then null else E'\x03' end, E'\x03')
|| ',"removed":'
|| coalesce(case coalesce(jsonb_typeof((r2.difference -> 'removed')), 'null') when 'number' then case when ((r2.difference -> 'removed'))::text ~ '^-?[0-9]{1,9}$' then ((r2.difference -> 'removed'))::text else E'\x03' end when 'null' then null else E'\x03' end, E'\x03')
|| ',"unchanged":'
|| coalesce(case coalesce(jsonb_typeof((r2.difference -> 'unchanged')), 'null') when 'number' then case when ((r2.difference -> 'unchanged'))::text ~ '^-?[0-9]{1,9}$' then ((r2.difference -> 'unchanged'))::text else E'\x03' end when 'null' then null else E'\x03' end, E'\x03')
|| '}' when 'null' then 'null' else E'\x03' end
|| ',"refusals":'
|| (select '{"edges":'
|| '['
|| coalesce(string_agg('{"cursor":'
|| '"'
|| replace(replace(replace(replace(encode(convert_to('['
|| to_json(r3.line)::text
|| ','
|| to_json(r3.position)::text
|| ']', 'UTF8'), 'base64'), E'\n', ''), '+', '-'), '/', '_'), '=', '')
|| '"'
|| ',"node":{"id":'
|| '"'
|| replace(encode(convert_to('Refusal:'
|| (r3.import_id)::text
|| '/'
|| (r3.line)::text
|| '/'
|| (r3.position)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"line":'
|| coalesce((r3.line)::text, E'\x03')
|| ',"column":'
|| coalesce(to_json(r3.column_shown)::text, 'null')
|| ',"value":'
|| coalesce(to_json(r3.value)::text, E'\x03')
|| E',"reason":\x012:['
|| coalesce(to_json(r3.reason_fr)::text, 'null')
|| ','
|| coalesce(to_json(r3.reason_en)::text, 'null')
|| E']\x02,"remedy":\x013:['
|| coalesce(to_json(r3.remedy_fr)::text, 'null')
|| ','
|| coalesce(to_json(r3.remedy_en)::text, 'null')
|| E']\x02}}', ',') filter (where r3.page_place < x.p10), '')
|| ']'
|| '}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select r.import_id, r.line, r.position, r.column_name, nullif(r.column_name, '') as column_shown, r.value, r.reason_fr, r.reason_en, r.remedy_fr, r.remedy_en, r.raw
from import_refusal r join import i on i.id = r.import_id join exam_session s on s.id = i.session_id
where r.import_id = (r2.id)::uuid and s.academy_code = any((x.p7)::text[])
  and (r.line, r.position) > ((x.p8)::int, (x.p9)::int)
order by r.line, r.position limit (x.p10)::int) as page) as r3 having true)
|| ',"flags":'
|| (select '{"edges":'
|| '['
|| coalesce(string_agg('{"node":{"id":'
|| '"'
|| replace(encode(convert_to('Flag:'
|| (r4.import_id)::text
|| '/'
|| (r4.line)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"line":'
|| coalesce((r4.line)::text, E'\x03')
|| ',"decision":'
|| coalesce(case when r4.decision in ('ADMIS', 'AJOURNE', 'ABSENT', 'ETALEMENT', 'SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE') then '"'
|| r4.decision
|| '"' when r4.decision is not null then E'\x03' end, E'\x03')
|| ',"expectedDecision":'
|| coalesce(case when r4.expected_decision in ('ADMIS', 'AJOURNE', 'ABSENT', 'ETALEMENT', 'SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE') then '"'
|| r4.expected_decision
|| '"' when r4.expected_decision is not null then E'\x03' end, E'\x03')
|| ',"expectedMention":'
|| coalesce(case when r4.expected_mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| r4.expected_mention
|| '"' when r4.expected_mention is not null then E'\x03' end, 'null')
|| E',"reason":\x014:['
|| coalesce(to_json(r4.reason_fr)::text, 'null')
|| ','
|| coalesce(to_json(r4.reason_en)::text, 'null')
|| E']\x02,"reference":'
|| coalesce(to_json(r4.reference)::text, E'\x03')
|| '}}', ',') filter (where r4.page_place < x.p14), '')
|| ']'
|| '}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select c.import_id, c.line, c.candidate_number, c.jury_group, c.decision, c.mention, c.flag,
  c.flag ->> 'expected_decision' as expected_decision, c.flag ->> 'expected_mention' as expected_mention,
  c.flag -> 'reason' ->> 'fr' as reason_fr, c.flag -> 'reason' ->> 'en' as reason_en, c.flag ->> 'reference' as reference,
  c.confirmed_at, a.name as confirmed_by
from candidate c join exam_session s on s.id = c.session_id left join agent a on a.id = c.confirmed_by
where c.session_id = (select i.session_id from import i where i.id = (r2.id)::uuid) and c.import_id = r2.id
  and c.flag is not null and s.academy_code = any((x.p11)::text[]) and c.line > (x.p12)::int
  and (not (x.p13)::boolean or c.confirmed_at is null)
order by c.line limit (x.p14)::int) as page) as r4 having true)
|| '}', ','), '')
|| ']'
from (select i.*
from unnest((array[found.id])::uuid[]) as s (id)
cross join lateral (
  select * from shown_import i where i.session_id = s.id and i.academy_code = any((x.p6)::text[])
  order by i.submitted_at desc limit 10) i
order by i.session_id, i.submitted_at desc) as r2)
|| ',"publications":'
|| (select '['
|| coalesce(string_agg('{"id":'
|| '"'
|| replace(encode(convert_to('Publication:'
|| (r5.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"edition":'
|| coalesce((r5.edition)::text, E'\x03')
|| ',"count":'
|| coalesce((r5.count)::text, E'\x03')
|| ',"added":'
|| coalesce((r5.added)::text, E'\x03')
|| ',"contentHash":'
|| coalesce(to_json(r5.content_hash_hex)::text, E'\x03')
|| E',"warnings":\x015:['
|| coalesce(to_json(r5.warnings)::text, 'null')
|| E']\x02,"preparedBy":'
|| coalesce(to_json(r5.prepared_by)::text, E'\x03')
|| ',"preparedAt":'
|| coalesce('"'
|| replace(to_char(r5.prepared_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"approvedBy":'
|| coalesce(to_json(r5.approved_by)::text, 'null')
|| ',"releasedAt":'
|| coalesce('"'
|| replace(to_char(r5.released_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| '}', ','), '')
|| ']'
from (select p.*
from unnest((array[found.id])::uuid[]) as s (id)
cross join lateral (
  select * from shown_publication p where p.session_id = s.id and p.academy_code = any((x.p15)::text[])
  order by p.prepared_at desc limit 10) p
order by p.session_id, p.prepared_at desc) as r5)
|| '}', 'UTF8')
from (select x.o, x.p1::text as p1, x.p2::text as p2, x.p3::int as p3, x.p4::text[] as p4, x.p5::text[] as p5, x.p6::text[] as p6, x.p7::text[] as p7, x.p8::int as p8, x.p9::int as p9, x.p10::int as p10, x.p11::text[] as p11, x.p12::int as p12, x.p13::boolean as p13, x.p14::int as p14, x.p15::text[] as p15
from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[], $10::int[], $11::text[], $12::int[], $13::boolean[], $14::int[], $15::text[]) with ordinality as x (p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15, o) offset 0) as x
cross join lateral (select * from shown_session s where s.family = (x.p1)::text and s.academy_code = (x.p2)::text and s.year = (x.p3)::int
  and s.academy_code = any((x.p4)::text[])) as found;
