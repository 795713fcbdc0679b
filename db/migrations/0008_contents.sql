-- What a release of an import would publish is known since its lines were read: how many diplomas, and the hash of them all.
alter table import add column admitted integer not null default 0, add column content_hash bytea;
update import i set (admitted, content_hash) = (
  select count(*), sha256(coalesce(string_agg(c.content_hash, ''::bytea order by c.line), ''::bytea))
  from candidate c where c.session_id = i.session_id and c.import_id = i.id and c.decision = 'ADMIS')
where i.state in ('STAGED', 'CURRENT');
alter table import add constraint staged_contents check (state not in ('STAGED', 'CURRENT') or content_hash is not null);
