-- name: same_file
-- The import of the same file that stands or is staged for the session.
select id, state from import where session_id = :session and digest = :digest and state in ('STAGED', 'CURRENT');

-- name: submit
-- A new import of a file, in WAITING; no row while another file of the session is on its way.
insert into import (session_id, digest, file_name, submitted_by) values (:session, :digest, :file_name, :agent)
on conflict (session_id) where state in ('WAITING', 'RUNNING') do nothing returning id;

-- name: add_chunk
-- Keeps a part of an uploaded file.
insert into import_chunk (import_id, position, content) values (:import_id, :position, :content);

-- name: chunk
-- A part of an uploaded file.
select content from import_chunk where import_id = :import_id and position = :position;

-- name: drop_chunks
-- Forgets the uploaded files that were read to their end: their lines are kept with the candidates and refusals.
delete from import_chunk c using import i where i.id = c.import_id and i.state not in ('WAITING', 'RUNNING');

-- name: abandon_interrupted
-- Imports of a session that no process carries on any more (their lock is free): they failed, and left no line behind.
with running as materialized (
  select id from import where session_id = :session and state = 'RUNNING'
), dead as materialized (
  select id from running where pg_try_advisory_xact_lock(hashtextextended(id::text, 0))
)
update import i set state = 'FAILED', ended_at = now(), problem = :problem from dead d where i.id = d.id returning i.id;

-- name: interrupted
-- Uploaded files whose worker died wait again.
with running as materialized (
  select i.id from import i where i.state = 'RUNNING' and exists (select from import_chunk c where c.import_id = i.id)
), dead as materialized (
  select id from running where pg_try_advisory_xact_lock(hashtextextended(id::text, 0))
)
update import i set state = 'WAITING', lines = 0 from dead d where i.id = d.id returning i.id;

-- name: let_go
-- This process carries the import no longer.
select pg_advisory_unlock(hashtextextended((:import_id)::uuid::text, 0));

-- name: claim
-- The oldest waiting upload, now running; no row when none waits. The lock tells other processes that this one carries it.
update import set state = 'RUNNING' where id = (
  select i.id from import i where i.state = 'WAITING' and exists (select from import_chunk c where c.import_id = i.id)
  order by i.submitted_at limit 1 for update skip locked)
returning id, session_id, file_name, pg_advisory_lock(hashtextextended(id::text, 0));

-- name: start
-- Starts an import that this process just submitted. The lock tells other processes that this one carries it.
update import set state = 'RUNNING' where id = :import_id and state = 'WAITING'
returning id, pg_advisory_lock(hashtextextended(id::text, 0));

-- name: progress
-- How many lines have been read.
update import set lines = :lines, total_lines = :total where id = :import_id and state = 'RUNNING';

-- name: count
-- How many lines an import has, of how many candidates. Lines mostly stand in the order of candidates, which sorting them uses.
select count(*) as lines, count(distinct candidate_number collate "C") as candidates from candidate
where session_id = :session and import_id = :import_id;

-- name: refuse_duplicates
-- A candidate number that stands on several lines keeps its first; the others become refusals.
with several as materialized (
  select candidate_number, min(line) as first_line from candidate
  where session_id = :session and import_id = :import_id group by candidate_number having count(*) > 1
), repeated as materialized (
  select c.line, s.first_line from candidate c join several s using (candidate_number)
  where c.session_id = :session and c.import_id = :import_id and c.line > s.first_line
), double as (
  delete from candidate c using repeated r where c.session_id = :session and c.import_id = :import_id and c.line = r.line
  returning c.line, c.candidate_number, c.raw, r.first_line
)
insert into import_refusal (import_id, line, position, column_name, value, reason_fr, reason_en, remedy_fr, remedy_en, raw)
select :import_id, line, 0, 'numero_candidat', candidate_number,
  format('figure déjà à la ligne %s', first_line), format('already stands on line %s', first_line),
  'garder une seule ligne par candidat', 'keep one line for each candidate', raw
from double;

-- name: keep_confirmations
-- A flagged line that has not changed since it was confirmed stays confirmed.
update candidate c set confirmed_by = o.confirmed_by, confirmed_at = o.confirmed_at
from candidate o
where c.session_id = :session and c.import_id = :import_id and c.flag is not null
  and o.session_id = :session and o.import_id = :current and o.confirmed_at is not null
  and o.candidate_number = c.candidate_number and o.content_hash = c.content_hash;

-- name: current
-- The import that stands for a session, if any; locks the session until the new one is staged.
select import_id from exam_session where id = :session for share;

-- name: difference
-- What an import changes against the one that stands: numbers of lines added, changed, removed, unchanged.
select count(*) filter (where o.candidate_number is null) as added,
  count(*) filter (where n.candidate_number is null) as removed,
  count(*) filter (where n.content_hash <> o.content_hash) as changed,
  count(*) filter (where n.content_hash = o.content_hash) as unchanged
from (select candidate_number, content_hash from candidate where session_id = :session and import_id = :import_id) n
full join (select candidate_number, content_hash from candidate where session_id = :session and import_id = :current) o
  using (candidate_number);

-- name: difference_lines
-- The candidates whom a staged import of the caller's academies adds, changes or removes, after a number, as many as asked.
with staged as (
  select i.id, i.session_id, i.replaces from import i join exam_session s on s.id = i.session_id
  where i.id = (:import_id)::uuid and i.state = 'STAGED' and s.academy_code = any((:academies)::text[])
)
select (:import_id)::uuid as import_id, candidate_number, case when o.line is null then 'ADDED' when n.line is null then 'REMOVED' else 'CHANGED' end as change,
  o.decision as decision_before, n.decision as decision_after, o.mention as mention_before, n.mention as mention_after
from (select c.* from candidate c join staged s on c.session_id = s.session_id and c.import_id = s.id) n
full join (select c.* from candidate c join staged s on c.session_id = s.session_id and c.import_id = s.replaces) o
  using (candidate_number)
where n.content_hash is distinct from o.content_hash and candidate_number > (:after)::text
order by candidate_number limit (:count)::int;

-- name: stage
-- The import is read: how many lines were taken, refused and flagged, and what it would change.
update import i set state = 'STAGED', ended_at = now(), encoding = :encoding, separator = :separator, lines = :lines,
  total_lines = :lines, replaces = :current, difference = :difference, accepted = :accepted,
  admitted = :admitted, content_hash = :hash,
  flagged = (select count(*) from candidate c where c.session_id = i.session_id and c.import_id = i.id and c.flag is not null),
  refused = (select count(distinct r.line) from import_refusal r where r.import_id = i.id)
where i.id = :import_id and i.state = 'RUNNING' returning i.id;

-- name: discard_staged
-- Other staged files of the session give way to the newest.
update import set state = 'DISCARDED' where session_id = :session and state = 'STAGED' and id <> :import_id returning id;

-- name: discard
-- A staged import that an agent turns down.
update import i set state = 'DISCARDED' from exam_session s
where i.id = :import_id and i.state = 'STAGED' and s.id = i.session_id and s.academy_code = any((:academies)::text[])
returning i.id, i.session_id;

-- name: fail
-- The import ended with a problem.
update import set state = 'FAILED', ended_at = now(), problem = :problem
where id = :import_id and state in ('WAITING', 'RUNNING') returning id;

-- name: closed_group_changes
-- How many final decisions of closed jury groups an import would add, change or remove.
select count(*) from (select * from candidate where session_id = :session and import_id = :import_id) n
full join (select * from candidate where session_id = :session and import_id = :current) o using (candidate_number)
where exists (select from jury_group g where g.session_id = :session and g.closed_at is not null) -- or else nothing is compared
  and n.content_hash is distinct from o.content_hash and exists (
  select from jury_group g where g.session_id = :session and g.closed_at is not null
    and (g.code = o.jury_group and o.decision not in ('SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE')
      or g.code = n.jury_group and n.decision not in ('SECOND_GROUPE', 'REMPLACEMENT', 'EN_ATTENTE')));

-- name: make_current
-- The staged import stands from now on, if what it was compared with still stands and the session is not past that.
with applied as (
  update import i set state = 'CURRENT' from exam_session s
  where i.id = :import_id and i.state = 'STAGED' and s.id = i.session_id and s.state in ('OPEN', 'COMPLETE')
    and s.import_id is not distinct from i.replaces
  returning i.id, i.session_id, i.replaces
), replaced as (
  update import o set state = 'REPLACED' from applied a where o.id = a.replaces
)
update exam_session s set import_id = a.id, state = 'OPEN' from applied a where s.id = a.session_id returning a.replaces;

-- name: drop_candidates
-- Forgets the candidates of an import that stands no longer.
delete from candidate where session_id = :session and import_id = :import_id;

-- name: report
-- Imports of the caller's academies.
select * from shown_import i where i.id = any((:imports)::uuid[]) and i.academy_code = any((:academies)::text[]);

-- name: of_session
-- The latest imports of sessions of the caller's academies, ten of each at most.
select i.* from unnest((:sessions)::uuid[]) as s (id) cross join lateral (
  select * from shown_import i where i.session_id = s.id and i.academy_code = any((:academies)::text[])
  order by i.submitted_at desc limit 10) i
order by i.session_id, i.submitted_at desc;

-- name: refusals
-- The refused cells of an import of the caller's academies after a line and position, in order, as many as asked.
select r.import_id, r.line, r.position, r.column_name, nullif(r.column_name, '') as column_shown, r.value, r.reason_fr, r.reason_en, r.remedy_fr, r.remedy_en, r.raw
from import_refusal r join import i on i.id = r.import_id join exam_session s on s.id = i.session_id
where r.import_id = (:import_id)::uuid and s.academy_code = any((:academies)::text[])
  and (r.line, r.position) > ((:line)::int, (:position)::int)
order by r.line, r.position limit (:count)::int;

-- name: flags
-- The flagged lines of an import of the caller's academies after a line, in order, as many as asked.
select c.import_id, c.line, c.candidate_number, c.jury_group, c.decision, c.mention, c.flag,
  c.flag ->> 'expected_decision' as expected_decision, c.flag ->> 'expected_mention' as expected_mention,
  c.flag -> 'reason' ->> 'fr' as reason_fr, c.flag -> 'reason' ->> 'en' as reason_en, c.flag ->> 'reference' as reference,
  c.confirmed_at, a.name as confirmed_by
from candidate c join exam_session s on s.id = c.session_id left join agent a on a.id = c.confirmed_by
where c.session_id = (select i.session_id from import i where i.id = (:import_id)::uuid) and c.import_id = :import_id
  and c.flag is not null and s.academy_code = any((:academies)::text[]) and c.line > (:line)::int
  and (not (:unconfirmed)::boolean or c.confirmed_at is null)
order by c.line limit (:count)::int;

-- name: confirm
-- Confirms flagged lines of the import that stands (all of them when no line is named); returns their numbers.
update candidate c set confirmed_by = :agent, confirmed_at = now() from exam_session s
where s.id = :session and s.state = 'OPEN' and c.session_id = s.id and c.import_id = s.import_id and c.flag is not null
  and c.confirmed_at is null and ((:lines)::int[] is null or c.line = any(:lines)) returning c.line;

-- name: session_of
-- The session of an upload that a worker reads, for no caller.
select id, family, academy_code, year from exam_session where id = :session;

-- name: analyze
-- Refreshes what the planner knows of the candidates.
analyze candidate;
