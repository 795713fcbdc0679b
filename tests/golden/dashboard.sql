select x.o, convert_to('{"identity":'
|| case coalesce(jsonb_typeof(found.identity), 'null') when 'object' then '{"familyName":'
|| coalesce(case coalesce(jsonb_typeof((found.identity -> 'family_name')), 'null') when 'string' then ((found.identity -> 'family_name'))::text when 'null' then null else E'\x03' end, E'\x03')
|| ',"givenNames":'
|| coalesce(case coalesce(jsonb_typeof((found.identity -> 'given_names')), 'null') when 'array' then (select case when bool_and(jsonb_typeof(e) = 'string') is not false then '['
|| coalesce(string_agg(e::text, ','), '')
|| ']' else E'\x03' end from jsonb_array_elements((found.identity -> 'given_names')) as e) when 'null' then null else E'\x03' end, E'\x03')
|| ',"usedName":'
|| coalesce(case coalesce(jsonb_typeof((found.identity -> 'used_name')), 'null') when 'string' then ((found.identity -> 'used_name'))::text when 'null' then null else E'\x03' end, 'null')
|| ',"proven":'
|| coalesce(case coalesce(jsonb_typeof((found.identity -> 'proven')), 'null') when 'boolean' then ((found.identity -> 'proven'))::text when 'null' then null else E'\x03' end, E'\x03')
|| '}' when 'null' then E'\x03' else E'\x03' end
|| ',"diplomas":'
|| (select '{"edges":'
|| '['
|| coalesce(string_agg('{"node":{"id":'
|| '"'
|| replace(encode(convert_to('HeldDiploma:'
|| (r1.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| E',"controlKey":\x010:['
|| coalesce(to_json(r1.id)::text, 'null')
|| ','
|| coalesce(to_json(r1.version)::text, 'null')
|| ','
|| coalesce(to_json(r1.key_generation)::text, 'null')
|| E']\x02,"addedAt":'
|| coalesce('"'
|| replace(to_char(r1.attached_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"keptUntil":'
|| coalesce(to_json(r1.kept_until)::text, E'\x03')
|| ',"diploma":{"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (r1.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"title":'
|| coalesce(to_json(r1.title)::text, E'\x03')
|| ',"session":'
|| coalesce((r1.session_year)::text, E'\x03')
|| ',"mention":'
|| coalesce(case when r1.mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| r1.mention
|| '"' when r1.mention is not null then E'\x03' end, 'null')
|| ',"status":'
|| coalesce(case when r1.status in ('VALID', 'SUPERSEDED', 'SUSPENDED', 'REVOKED') then '"'
|| r1.status
|| '"' when r1.status is not null then E'\x03' end, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(r1.academy_name)::text, E'\x03')
|| ',"region":'
|| case when r1.region_code is null then 'null' else '{"name":'
|| coalesce(to_json(r1.region_name)::text, E'\x03')
|| '}' end
|| '}}}}', ',') filter (where r1.page_place < x.p5), '')
|| ']'
|| '}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select h.attached_at, (coalesce(p.awarded_on, make_date(p.session_year, 12, 31)) + interval '50 years')::date as kept_until, p.*
from holding h join published_diploma p on p.id = h.diploma_id
where h.account_id = (x.p3)::uuid and h.frozen_at is null and h.diploma_id < (x.p4)::uuid
order by h.diploma_id desc limit (x.p5)::int) as page) as r1 having true)
|| ',"requests":'
|| (select '{"edges":'
|| '['
|| coalesce(string_agg('{"node":{"id":'
|| '"'
|| replace(encode(convert_to('DiplomaRequest:'
|| (r2.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"reference":'
|| coalesce(to_json(r2.reference)::text, E'\x03')
|| ',"familyCode":'
|| coalesce(to_json(r2.family)::text, E'\x03')
|| ',"session":'
|| coalesce((r2.year)::text, E'\x03')
|| ',"state":'
|| coalesce(case when r2.shown_state in ('ADDED', 'NOT_LINKED', 'REFUSED') then '"'
|| r2.shown_state
|| '"' when r2.shown_state is not null then E'\x03' end, E'\x03')
|| ',"createdAt":'
|| coalesce('"'
|| replace(to_char(r2.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(r2.name)::text, E'\x03')
|| '}}}', ',') filter (where r2.page_place < x.p8), '')
|| ']'
|| '}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select c.* from shown_claim c where c.account_id = (x.p6)::uuid and c.id < (x.p7)::uuid order by c.id desc limit (x.p8)::int) as page) as r2 having true)
|| ',"shares":'
|| (select '{"edges":'
|| '['
|| coalesce(string_agg('{"node":{"id":'
|| '"'
|| replace(encode(convert_to('Share:'
|| (r3.share_id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"label":'
|| coalesce(to_json(r3.label)::text, E'\x03')
|| ',"scope":'
|| coalesce(case when r3.scope in ('EXISTS', 'STANDARD', 'FULL') then '"'
|| r3.scope
|| '"' when r3.scope is not null then E'\x03' end, E'\x03')
|| ',"state":'
|| coalesce(case when r3.state in ('OPEN', 'EXPIRED', 'USED_UP', 'REVOKED') then '"'
|| r3.state
|| '"' when r3.state is not null then E'\x03' end, E'\x03')
|| E',"secret":\x011:['
|| coalesce(to_json(r3.share_id)::text, 'null')
|| E']\x02,"link":\x012:['
|| coalesce(to_json(r3.share_id)::text, 'null')
|| E']\x02,"views":'
|| coalesce((r3.views)::text, E'\x03')
|| ',"mostViews":'
|| coalesce((r3.most_views)::text, 'null')
|| ',"expiresAt":'
|| coalesce('"'
|| replace(to_char(r3.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"diploma":{"title":'
|| coalesce(to_json(r3.title)::text, E'\x03')
|| '}}}', ',') filter (where r3.page_place < x.p12), '')
|| ']'
|| '}'
from (select *, row_number() over () as page_place, count(*) over () as page_total
from (select w.id as share_id, w.scope, w.label, w.created_at, w.expires_at, w.most_views, w.views,
  case when w.revoked_at is not null then 'REVOKED' when w.expires_at <= now() then 'EXPIRED'
    when w.views >= w.most_views then 'USED_UP' else 'OPEN' end as state, p.*
from share w join holding h on h.diploma_id = w.diploma_id and h.account_id = w.account_id and h.frozen_at is null
join published_diploma p on p.id = w.diploma_id
where w.account_id = (x.p9)::uuid and w.id < (x.p10)::uuid and ((x.p11)::uuid is null or w.id = x.p11)
order by w.id desc limit (x.p12)::int) as page) as r3 having true)
|| ',"sessions":'
|| (select '['
|| coalesce(string_agg('{"id":'
|| '"'
|| replace(encode(convert_to('SignIn:'
|| (r4.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"provider":'
|| coalesce(to_json(r4.provider)::text, E'\x03')
|| ',"app":'
|| coalesce(to_json(r4.app)::text, 'null')
|| ',"device":'
|| coalesce(to_json(r4.device)::text, E'\x03')
|| ',"createdAt":'
|| coalesce('"'
|| replace(to_char(r4.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"seenAt":'
|| coalesce('"'
|| replace(to_char(r4.seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', E'\x03')
|| ',"current":'
|| coalesce((r4.current)::text, E'\x03')
|| '}', ','), '')
|| ']'
from (select w.id, w.provider, w.device, p.name as app, w.created_at, w.seen_at, w.ends_at,
  w.id is not distinct
from (x.p13)::uuid as current
from web_session w left join app p on p.id = w.app_id
where w.account_id = (x.p14)::uuid and w.ended_at is null and w.ends_at > now()
  and w.seen_at > now() - case when w.app_id is null then (x.p15)::interval else (x.p16)::interval end
order by w.id desc limit 50) as r4)
|| '}', 'UTF8')
from unnest($1::uuid[], $2::jsonb[], $3::uuid[], $4::uuid[], $5::int[], $6::uuid[], $7::uuid[], $8::int[], $9::uuid[], $10::uuid[], $11::uuid[], $12::int[], $13::uuid[], $14::uuid[], $15::interval[], $16::interval[]) with ordinality as x (p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15, p16, o)
cross join lateral (select (x.p1)::uuid as id, (x.p2)::jsonb as identity where (x.p1)::uuid is not null) as found;
