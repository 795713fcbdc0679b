-- What the golden operations read: ids and times are fixed, so that their answers are.

insert into agent (id, name, role, academies) values
  ('00000000-0000-7000-8000-0000000000a1', 'Claude', 'AGENT', '{01}'),
  ('00000000-0000-7000-8000-0000000000a2', 'Dominique "D"', 'HEAD_OF_SERVICE', '{01}');

insert into exam_session (id, family, academy_code, year, state, published_at, published_count) values
  ('00000000-0000-7000-8000-000000000501', 'bac', '01', 2025, 'PUBLISHED', '2025-07-04 08:00:00+00', 2),
  ('00000000-0000-7000-8000-000000000502', 'bts', '01', 2025, 'OPEN', null, 0);

insert into jury_group (session_id, code, position, closed_by, closed_at) values
  ('00000000-0000-7000-8000-000000000501', 'PREMIER', 1, '00000000-0000-7000-8000-0000000000a1', '2025-07-03 12:30:00.5+00'),
  ('00000000-0000-7000-8000-000000000501', 'SECOND', 2, null, null);

insert into import (id, session_id, digest, file_name, state, encoding, lines, total_lines, accepted, refused, flagged, difference,
  submitted_by, submitted_at, ended_at, content_hash) values
  ('00000000-0000-7000-8000-000000000601', '00000000-0000-7000-8000-000000000501', '\x01', 'résultats "1er groupe".csv', 'CURRENT', 'utf-8',
   3, 3, 2, 1, 1, '{"added": 2, "changed": 0, "removed": 0, "unchanged": 0}', '00000000-0000-7000-8000-0000000000a1',
   '2025-07-02 09:00:00+00', '2025-07-02 09:00:01.25+00', '\x02');
update exam_session set import_id = '00000000-0000-7000-8000-000000000601' where id = '00000000-0000-7000-8000-000000000501';

insert into import_refusal values
  ('00000000-0000-7000-8000-000000000601', 3, 4, 'moyenne', 'vingt', 'Ce n''est pas une note.', 'This is no mark.', 'Écrire 20.',
   'Write 20.', 'x'),
  ('00000000-0000-7000-8000-000000000601', 4, 0, '', 'x;y', 'La ligne est coupée.', 'The line is cut.', 'La compléter.', 'Complete it.', 'x');

insert into candidate (session_id, import_id, line, raw, content_hash, diploma_id, candidate_number, birth_name, given_names, title,
  jury_group, decision, mention, name_key, results, details, flag) values
  ('00000000-0000-7000-8000-000000000501', '00000000-0000-7000-8000-000000000601', 2, '', '\x01',
   '00000000-0000-7000-8000-000000000d01', 'C000001', 'Lecœur', '{Éloïse}', 'Baccalauréat général', 'PREMIER', 'ADMIS', null, 'LECOEUR',
   '{}', '{}', '{"expected_decision": "AJOURNE", "expected_mention": null, "reference": "D334-8",
   "reason": {"fr": "une moyenne de 9", "en": "an average of 9"}}');

insert into publication (id, session_id, edition, import_id, count, added, changed, revoked, warnings, content_hash, prepared_by,
  prepared_at, approved_by, approved_at, released_at) values
  ('00000000-0000-7000-8000-000000000701', '00000000-0000-7000-8000-000000000501', 1, '00000000-0000-7000-8000-000000000601', 2, 2, 0, 0,
   '[{"fr": "Peu d''admis.", "en": "Few pass."}]', '\xff00', '00000000-0000-7000-8000-0000000000a1', '2025-07-04 07:00:00+00',
   '00000000-0000-7000-8000-0000000000a2', '2025-07-04 07:30:00+00', '2025-07-04 08:00:00+00');

insert into diploma (id, session_id, candidate_number, version) values
  ('00000000-0000-7000-8000-000000000d01', '00000000-0000-7000-8000-000000000501', 'C000001', 2),
  ('00000000-0000-7000-8000-000000000d02', '00000000-0000-7000-8000-000000000501', 'C000002', 1);
insert into diploma_version (diploma_id, version, publication_id, status, content_hash, ine, birth_name, used_name, given_names, sex,
  birth_date, birth_commune, birth_place, birth_country, title_code, title, national_level, mention, awarded_on, name_key, details,
  recorded_at)
select d.id, v.version, '00000000-0000-7000-8000-000000000701', 'VALID', '', '123456789AB', 'Lecœur', v.used_name, '{Éloïse,"Marie \"M\""}',
  'F', '2007-03-12', '25056', 'Besançon', '99100', '47010019', 'Baccalauréat général', 4, v.mention, '2025-07-04', 'LECOEUR', v.details,
  v.recorded_at::timestamptz
from (values
  ('00000000-0000-7000-8000-000000000d01'::uuid, 1, null, null, '{}'::jsonb, '2025-07-04 08:00:00+00'),
  ('00000000-0000-7000-8000-000000000d01', 2, 'Martin', 'TRES_BIEN',
   '{"specialities": ["Mathématiques", "Physique-chimie"], "options": ["BFI"], "section_language": "Anglais"}', '2025-09-01 10:00:00.5+00'),
  ('00000000-0000-7000-8000-000000000d02', 1, null, 'BIEN', '{"options": null}', '2025-07-04 08:00:00+00')
) as v (id, version, used_name, mention, details, recorded_at) join diploma d on d.id = v.id;

insert into account (id) values ('00000000-0000-7000-8000-0000000000c1');
insert into claim (id, reference, account_id, family, academy_code, year, facts, person, state, created_at)
select c.id::uuid, c.reference, '00000000-0000-7000-8000-0000000000c1', 'bac', '01', 2025,
  '{"ine": "123456789AB", "candidate_number": null, "establishment": null}',
  '{"family_name": "LECŒUR", "given_names": ["Éloïse"], "used_name": null, "birth_date": "2007-03-12", "declared_birth_date": null,
    "sex": "F", "birth_commune": "25056", "birth_country": "99100", "identity": "FRANCECONNECT"}', c.state, '2025-10-01 10:00:00+00'
from (values
  ('00000000-0000-7000-8000-000000000e01', 'ABCD-EFGH', 'ADDED'), ('00000000-0000-7000-8000-000000000e02', 'JKMN-PQRS', 'REVIEW')
) as c (id, reference, state);
insert into holding (diploma_id, account_id, claim_id, attached_at) values
  ('00000000-0000-7000-8000-000000000d01', '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-000000000e01',
   '2025-10-01 10:00:00.125+00');
insert into share (id, lookup, account_id, diploma_id, scope, label, created_at, expires_at, most_views) values
  ('00000000-0000-7000-8000-000000000f01', '\x01', '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-000000000d01', 'FULL',
   'École de "Nantes"', '2025-10-02 10:00:00+00', '2999-01-01', 10);
insert into document (id, diploma_id, version, generation, link_lookup, urgent, state, asked_at, sealed_at, digest, size) values
  ('00000000-0000-7000-8000-000000001001', '00000000-0000-7000-8000-000000000d01', 2, 1, '\x01', true, 'SEALED', '2025-10-02 11:00:00+00',
   '2025-10-02 11:00:01+00', '\x00ff', 54321);
insert into web_session (id, digest, account_id, provider, subject, device, created_at, seen_at, ends_at) values
  ('00000000-0000-7000-8000-000000001101', '\x01', '00000000-0000-7000-8000-0000000000c1', 'franceconnect', 'x', 'Firefox',
   '2025-10-02 09:00:00+00', '2999-01-01', '2999-01-02');

insert into claim_candidate values
  ('00000000-0000-7000-8000-000000000e02', '00000000-0000-7000-8000-000000000d02', 'REVIEW',
   '{"family": "USAGE", "given": "EQ", "date": "EQ", "place": "UNKNOWN", "sex": "EQ"}');
insert into review_decision (id, claim_id, kind, reason, two_agents, prepared_by, prepared_at) values
  ('00000000-0000-7000-8000-000000001201', '00000000-0000-7000-8000-000000000e02', 'REFUSE', 'rien ne concorde', false,
   '00000000-0000-7000-8000-0000000000a1', '2025-10-03 10:00:00+00');

insert into document_request (id, reference, account_id, kind, family, year, obtained_in, academy_code, asked, person, state, assigned_to,
  submitted_at, due_on, silence, missing_pieces, waiting_since, answer_by) values
  ('00000000-0000-7000-8000-000000001301', 'WXYZ-1234', '00000000-0000-7000-8000-0000000000c1', 'ATTESTATION', 'bac', 1998, '01', '01',
   '{"title": "Baccalauréat, série \"S\"", "series": null}',
   '{"family_name": "LECŒUR", "given_names": ["Éloïse"], "used_name": null, "birth_date": "1980-03-12", "declared_birth_date": null,
     "sex": "F", "birth_commune": "25056", "birth_country": "99100", "identity": "FRANCECONNECT"}',
   'INFORMATION_REQUESTED', '00000000-0000-7000-8000-0000000000a1', '2025-10-01 10:00:00+00', '2025-11-03', 'REFUSAL', '{OTHER}',
   '2025-10-04 22:30:00+00', '2025-11-04');
insert into document_request_message (request_id, id, agent_id, body) values
  ('00000000-0000-7000-8000-000000001301', '0199b000-0000-7000-8000-000000001401', '00000000-0000-7000-8000-0000000000a1',
   E'Il manque une pièce.\n\n"Laquelle" est dit ci-dessus.');
insert into document_request_event (request_id, id, kind, state, agent_id, account_id) values
  ('00000000-0000-7000-8000-000000001301', '0199a000-0000-7000-8000-000000001501', 'STATE', 'SUBMITTED', null,
   '00000000-0000-7000-8000-0000000000c1'),
  ('00000000-0000-7000-8000-000000001301', '0199b000-0000-7000-8000-000000001502', 'STATE', 'INFORMATION_REQUESTED',
   '00000000-0000-7000-8000-0000000000a1', null);
