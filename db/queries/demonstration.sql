-- name: anything
-- The state of a session, for the demonstration alone, which acts for no caller.
select state from exam_session where family = :family and academy_code = :academy and year = :year;

-- name: samples
-- Five published diplomas of each family, for the demonstration's keys.
select d.id, d.version, d.key_generation, v.birth_name, s.family
from unnest((:families)::text[]) as f (code) cross join lateral (
  select d.* from exam_session s join diploma d on d.session_id = s.id
  where s.family = f.code and s.state = 'PUBLISHED' and d.status = 'VALID' order by s.year desc, d.id limit 5) d
join exam_session s on s.id = d.session_id
join diploma_version v on v.diploma_id = d.id and v.version = d.version;

-- name: people
-- People of the published register in whose sign-in something is to be seen, for the demonstration's own identity provider.
-- `hint` is what the awkward case is about; a case that the register does not have is missing.
with person as materialized (
  select id, ine, birth_name, given_names, used_name, sex, birth_date, birth_commune, birth_place, birth_country, name_key, family,
    session_year, academy_code, birth_name = upper(birth_name) as capitals, birth_date like '%-00' as partial,
    birth_country <> '99100' as abroad
  from published_diploma
  where status = 'VALID' and ine is not null and sex is not null and birth_date is not null and birth_country is not null
    and cardinality(given_names) > 0 and (birth_commune is not null or birth_country <> '99100')
), pair as materialized (
  select a.id, least(a.id, b.id) as pair, a.given_names[1] = b.given_names[1] as homonyms
  from person a join person b on b.name_key = a.name_key and b.birth_date = a.birth_date and b.id <> a.id and b.ine <> a.ine
  where not (a.partial or a.capitals or b.capitals) and (a.given_names[1] = b.given_names[1] or a.birth_commune = b.birth_commune)
), chosen as (
  (select id, 'ORDINARY' as kind, 1 as rank from person
    where not (capitals or partial or abroad) and used_name is null and birth_name !~ '[ -]' and cardinality(given_names) > 1
    order by session_year desc, id limit 3)
  union all
  (select id, 'ACCENTS', 2 from person
    where not (capitals or partial or abroad) and used_name is null and birth_name ~ '[éèëïôœç]' and given_names[1] ~ '[éèëïôœç]'
    order by session_year desc, id limit 2)
  union all
  (select id, 'HOMONYMS', 3 from pair where pair = (select min(pair::text)::uuid from pair where homonyms) order by id limit 2)
  union all
  (select id, 'TWINS', 4 from pair where pair = (select min(pair::text)::uuid from pair where not homonyms) order by id limit 2)
  union all
  (select id, 'USED_NAME', 5 from person
    where not (capitals or partial) and sex = 'F' and strpos(used_name, birth_name) = 0 order by session_year desc, id limit 1)
  union all
  (select id, 'COMPOUND', 6 from person
    where not (capitals or partial or abroad) and birth_name ~ '[ -]' and array_to_string(given_names, ' ') ~ '-'
    order by session_year desc, id limit 2)
  union all
  (select id, 'PACIFIC', 7 from person
    where not (capitals or partial) and birth_commune ~ '^98[678]' order by session_year desc, id limit 2)
  union all
  (select id, 'ABROAD', 8 from person where abroad and not (capitals or partial) order by session_year desc, id limit 1)
  union all
  (select id, 'ABROAD_PARTIAL', 9 from person where abroad and partial and not capitals order by session_year desc, id limit 2)
  union all
  (select id, 'PARTIAL', 10 from person where partial and not (abroad or capitals) order by session_year desc, id limit 1)
  union all
  (select id, 'CAPITALS', 11 from person where capitals and not (partial or abroad) order by session_year, id limit 1)
  union all
  (select id, 'DIFFERENT', 12 from person
    where not (capitals or partial or abroad) and used_name is null and right(birth_date, 2) between '02' and '27'
    order by session_year, id limit 1)
)
select c.kind, p.* from chosen c join person p using (id) order by c.rank, p.birth_name, p.given_names, p.id;
