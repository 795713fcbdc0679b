-- name: remember
-- Writes what installed families declare, where that is new, has changed, or was last seen on another day.
insert into known_family as k
select f.* from jsonb_populate_recordset(null::known_family, :families) as g
cross join lateral (select g.code, g.label_fr, g.label_en, g.ministry_fr, g.ministry_en, g.legal_basis, g.type_name, g.title_kinds,
  g.jury_groups, g.asked_at, g.first_session, g.last_session, g.distribution, g.distribution_version, g.requires, current_date,
  current_date) as f
order by g.code
on conflict (code) do update set
  (label_fr, label_en, ministry_fr, ministry_en, legal_basis, type_name, title_kinds, jury_groups, asked_at, first_session, last_session,
   distribution, distribution_version, requires, last_seen_on) =
  (excluded.label_fr, excluded.label_en, excluded.ministry_fr, excluded.ministry_en, excluded.legal_basis, excluded.type_name,
   excluded.title_kinds, excluded.jury_groups, excluded.asked_at, excluded.first_session, excluded.last_session, excluded.distribution,
   excluded.distribution_version, excluded.requires, excluded.last_seen_on)
where to_jsonb(k) - 'known_since' <> to_jsonb(excluded) - 'known_since';

-- name: gone
-- The families that the register has known and that are not installed, each with the number of its diplomas that are published.
select k.*, coalesce((select sum(s.published_count) from exam_session s where s.family = k.code and s.state = 'PUBLISHED'), 0)::int
  as diplomas
from known_family k where k.code <> all((:installed)::text[]) order by k.code;
