with request as materialized (
  select *
from unnest(($1)::bytea[], ($2)::text[], ($3)::bytea[], ($4)::bytea[], ($5)::bytea[],
      ($6)::bytea[])
    with ordinality as r (lookup, name_key, counted, subject, sealed, sealed_wrong_name, o)
), known as materialized (
  select r.o, r.subject, r.sealed, r.sealed_wrong_name, p.name_key = r.name_key and (k.version = p.version or v.name_key = r.name_key) as shown,
    case when k.version < p.version then p.recorded_at end as replaced_on, case when p.status = 'REVOKED' then p.recorded_at end as invalid_since,
    now() as verified_at, p.*
  from request r
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'SITE' and f.subject = (select substr(counted, 49, 16) from request limit 1) and f.since = ($7)::timestamptz
    limit 1) site on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'ADDRESS' and f.subject = substr(r.counted, 1, 16) and f.since = ($7)::timestamptz limit 1) address on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'NAME' and f.subject = substr(r.counted, 17, 16) and f.since = ($7)::timestamptz limit 1) name on true
  left join lateral (select f.failures from verification_failure f
    where f.scope = 'KEY' and f.subject = substr(r.counted, 33, 16) and f.since = ($8)::timestamptz limit 1) key on true
  join lateral (select k.diploma_id, k.version from control_key k where k.lookup = r.lookup and k.revoked_at is null limit 1) k on true
  join lateral (select p.* from published_diploma p where p.id = k.diploma_id and k.version >= p.oldest_key_version limit 1) p on true
  left join lateral (select v.name_key from diploma_version v
    where v.diploma_id = k.diploma_id and v.version = k.version limit 1) v on k.version <> p.version
  where case when site.failures >= (($9)::int[])[4]
    then coalesce(address.failures, 0) < (($10)::int[])[1] and coalesce(name.failures, 0) < (($10)::int[])[2]
      and coalesce(key.failures, 0) < (($10)::int[])[3]
    else coalesce(address.failures, 0) < (($9)::int[])[1] and coalesce(name.failures, 0) < (($9)::int[])[2]
      and coalesce(key.failures, 0) < (($9)::int[])[3] end
), journalled as (
  insert into consultation (subject, sealed)
  select n.subject, case when n.shown then n.sealed else n.sealed_wrong_name end from known n
), found as (
  select * from known where shown
)
select found.o, convert_to('{"__typename":"VerifiedDiploma","replacedOn":'
|| coalesce('"'
|| replace(to_char(found.replaced_on at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '')
|| '+00:00'
|| '"', 'null')
|| ',"diploma":'
|| case when found.family in ('dnb') then '{"__typename":'
|| case found.family when 'dnb' then '"Brevet"' else '"OtherDiploma"' end
|| ',"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"familyCode":'
|| coalesce(to_json(found.family)::text, E'\x03')
|| ',"title":'
|| coalesce(to_json(found.title)::text, E'\x03')
|| ',"session":'
|| coalesce((found.session_year)::text, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(found.academy_name)::text, E'\x03')
|| '},"mention":'
|| coalesce(case when found.mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| found.mention
|| '"' when found.mention is not null then E'\x03' end, 'null')
|| ',"nationalLevel":'
|| coalesce((found.national_level)::text, 'null')
|| ',"awardedOn":'
|| coalesce(to_json(found.awarded_on)::text, 'null')
|| ',"status":'
|| coalesce(case when found.status in ('VALID', 'SUPERSEDED', 'SUSPENDED', 'REVOKED') then '"'
|| found.status
|| '"' when found.status is not null then E'\x03' end, E'\x03')
|| ',"holder":{"birthName":'
|| coalesce(to_json(found.birth_name)::text, E'\x03')
|| ',"usedName":'
|| coalesce(to_json(found.used_name)::text, 'null')
|| ',"givenNames":'
|| coalesce(case when array_position(found.given_names, null) is null then to_json(found.given_names)::text else E'\x03' end, E'\x03')
|| E'},"series":\x010:['
|| coalesce(to_json(found.title_code)::text, 'null')
|| E']\x02}' when found.family in ('cap') then '{"__typename":'
|| case found.family when 'cap' then '"CertificatAptitudeProfessionnelle"' else '"OtherDiploma"' end
|| ',"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"familyCode":'
|| coalesce(to_json(found.family)::text, E'\x03')
|| ',"title":'
|| coalesce(to_json(found.title)::text, E'\x03')
|| ',"session":'
|| coalesce((found.session_year)::text, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(found.academy_name)::text, E'\x03')
|| '},"mention":'
|| coalesce(case when found.mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| found.mention
|| '"' when found.mention is not null then E'\x03' end, 'null')
|| ',"nationalLevel":'
|| coalesce((found.national_level)::text, 'null')
|| ',"awardedOn":'
|| coalesce(to_json(found.awarded_on)::text, 'null')
|| ',"status":'
|| coalesce(case when found.status in ('VALID', 'SUPERSEDED', 'SUSPENDED', 'REVOKED') then '"'
|| found.status
|| '"' when found.status is not null then E'\x03' end, E'\x03')
|| ',"holder":{"birthName":'
|| coalesce(to_json(found.birth_name)::text, E'\x03')
|| ',"usedName":'
|| coalesce(to_json(found.used_name)::text, 'null')
|| ',"givenNames":'
|| coalesce(case when array_position(found.given_names, null) is null then to_json(found.given_names)::text else E'\x03' end, E'\x03')
|| '},"form":'
|| coalesce(case coalesce(jsonb_typeof((found.details -> 'form')), 'null') when 'string' then case when ((found.details -> 'form') #>> '{}') in ('GLOBALE', 'PROGRESSIVE') then '"'
|| ((found.details -> 'form') #>> '{}')
|| '"' when ((found.details -> 'form') #>> '{}') is not null then E'\x03' end when 'null' then null else E'\x03' end, 'null')
|| '}' when found.family in ('bac') then '{"__typename":'
|| case found.family when 'bac' then '"Baccalaureat"' else '"OtherDiploma"' end
|| ',"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"familyCode":'
|| coalesce(to_json(found.family)::text, E'\x03')
|| ',"title":'
|| coalesce(to_json(found.title)::text, E'\x03')
|| ',"session":'
|| coalesce((found.session_year)::text, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(found.academy_name)::text, E'\x03')
|| '},"mention":'
|| coalesce(case when found.mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| found.mention
|| '"' when found.mention is not null then E'\x03' end, 'null')
|| ',"nationalLevel":'
|| coalesce((found.national_level)::text, 'null')
|| ',"awardedOn":'
|| coalesce(to_json(found.awarded_on)::text, 'null')
|| ',"status":'
|| coalesce(case when found.status in ('VALID', 'SUPERSEDED', 'SUSPENDED', 'REVOKED') then '"'
|| found.status
|| '"' when found.status is not null then E'\x03' end, E'\x03')
|| ',"holder":{"birthName":'
|| coalesce(to_json(found.birth_name)::text, E'\x03')
|| ',"usedName":'
|| coalesce(to_json(found.used_name)::text, 'null')
|| ',"givenNames":'
|| coalesce(case when array_position(found.given_names, null) is null then to_json(found.given_names)::text else E'\x03' end, E'\x03')
|| E'},"track":\x011:['
|| coalesce(to_json(found.title_code)::text, 'null')
|| E']\x02,"specialities":'
|| coalesce(case coalesce(jsonb_typeof((found.details -> 'specialities')), 'null') when 'array' then (select case when bool_and(jsonb_typeof(e) = 'string') is not false then '['
|| coalesce(string_agg(e::text, ','), '')
|| ']' else E'\x03' end from jsonb_array_elements((found.details -> 'specialities')) as e) when 'null' then null else E'\x03' end, 'null')
|| E',"options":\x012:['
|| coalesce(((found.details -> 'options'))::text, 'null')
|| E']\x02,"sectionLanguage":'
|| coalesce(case coalesce(jsonb_typeof((found.details -> 'section_language')), 'null') when 'string' then ((found.details -> 'section_language'))::text when 'null' then null else E'\x03' end, 'null')
|| '}' when found.family in ('bts') then '{"__typename":'
|| case found.family when 'bts' then '"BrevetTechnicienSuperieur"' else '"OtherDiploma"' end
|| ',"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"familyCode":'
|| coalesce(to_json(found.family)::text, E'\x03')
|| ',"title":'
|| coalesce(to_json(found.title)::text, E'\x03')
|| ',"session":'
|| coalesce((found.session_year)::text, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(found.academy_name)::text, E'\x03')
|| '},"mention":'
|| coalesce(case when found.mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| found.mention
|| '"' when found.mention is not null then E'\x03' end, 'null')
|| ',"nationalLevel":'
|| coalesce((found.national_level)::text, 'null')
|| ',"awardedOn":'
|| coalesce(to_json(found.awarded_on)::text, 'null')
|| ',"status":'
|| coalesce(case when found.status in ('VALID', 'SUPERSEDED', 'SUSPENDED', 'REVOKED') then '"'
|| found.status
|| '"' when found.status is not null then E'\x03' end, E'\x03')
|| ',"holder":{"birthName":'
|| coalesce(to_json(found.birth_name)::text, E'\x03')
|| ',"usedName":'
|| coalesce(to_json(found.used_name)::text, 'null')
|| ',"givenNames":'
|| coalesce(case when array_position(found.given_names, null) is null then to_json(found.given_names)::text else E'\x03' end, E'\x03')
|| '},"option":'
|| coalesce(case coalesce(jsonb_typeof((found.details -> 'option')), 'null') when 'string' then ((found.details -> 'option'))::text when 'null' then null else E'\x03' end, 'null')
|| '}' else '{"__typename":'
|| case found.family when 'bep' then '"BrevetEtudesProfessionnelles"' when 'higher' then '"HigherEducationDiploma"' else '"OtherDiploma"' end
|| ',"id":'
|| '"'
|| replace(encode(convert_to('Diploma:'
|| (found.id)::text, 'UTF8'), 'base64'), E'\n', '')
|| '"'
|| ',"familyCode":'
|| coalesce(to_json(found.family)::text, E'\x03')
|| ',"title":'
|| coalesce(to_json(found.title)::text, E'\x03')
|| ',"session":'
|| coalesce((found.session_year)::text, E'\x03')
|| ',"academy":{"name":'
|| coalesce(to_json(found.academy_name)::text, E'\x03')
|| '},"mention":'
|| coalesce(case when found.mention in ('PASSABLE', 'ASSEZ_BIEN', 'BIEN', 'TRES_BIEN', 'TRES_BIEN_FELICITATIONS') then '"'
|| found.mention
|| '"' when found.mention is not null then E'\x03' end, 'null')
|| ',"nationalLevel":'
|| coalesce((found.national_level)::text, 'null')
|| ',"awardedOn":'
|| coalesce(to_json(found.awarded_on)::text, 'null')
|| ',"status":'
|| coalesce(case when found.status in ('VALID', 'SUPERSEDED', 'SUSPENDED', 'REVOKED') then '"'
|| found.status
|| '"' when found.status is not null then E'\x03' end, E'\x03')
|| ',"holder":{"birthName":'
|| coalesce(to_json(found.birth_name)::text, E'\x03')
|| ',"usedName":'
|| coalesce(to_json(found.used_name)::text, 'null')
|| ',"givenNames":'
|| coalesce(case when array_position(found.given_names, null) is null then to_json(found.given_names)::text else E'\x03' end, E'\x03')
|| '}}' end
|| '}', 'UTF8') from found as found;
