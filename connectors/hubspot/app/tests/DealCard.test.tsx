import { describe, expect, test } from 'vitest';
import { Alert, EmptyState, Link, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { DealCard } from '../src/app/cards/DealCard.tsx';
import { VIEWER, key, row } from './rows.ts';

const association = ({ objectId, properties }: ReturnType<typeof row>) => ({
  toObjectId: objectId,
  associationTypes: [],
  properties,
});

function show(rows: ReturnType<typeof row>[], more: object = {}) {
  const renderer = createRenderer('crm.record.sidebar');
  renderer.mocks.context.user.id = VIEWER;
  renderer.mocks.context.user.language = 'ja';
  renderer.mocks.context.portal.timezone = 'Asia/Tokyo';
  renderer.mocks.useAssociations.willCall(
    () => ({ results: rows.map(association), isLoading: false, error: null, ...more }) as never,
  );
  renderer.render(<DealCard />);
  return renderer;
}

describe('the card on a deal', () => {
  test('lists the next steps of the viewer, the first due first', () => {
    const { findAll } = show([
      row(1, 'B社の次回日程を決める', { hs_timestamp: '2026-06-22T08:00:00Z' }),
      row(2, 'A社に見積を送る'),
    ]);
    expect(findAll(Link).map((one) => one.text)).toEqual([
      'A社に見積を送る',
      'B社の次回日程を決める',
    ]);
    expect(findAll(Text).map((one) => one.text)).toEqual(['6/19（金）まで', '6/22（月）まで']);
  });

  test.each([
    ['of somebody else', { hs_user_ids_of_all_owners: '7' }],
    ['of somebody else whose number begins alike', { hs_user_ids_of_all_owners: '421;4' }],
    ['of nobody', { hs_user_ids_of_all_owners: null }],
    ['that is done', { hs_task_status: 'COMPLETED' }],
    ['that is not ours', { crm_loop_key: null }],
  ])('shows no task %s', (_what, properties) => {
    const { find } = show([row(1, 'Send the quote', properties)]);
    expect(find(EmptyState).props.title).toBe('この取引で、これからやることはありません');
  });

  test('knows our tasks by their last line where a portal has no property for the key', () => {
    const body = `A line<br>${key('t')}`;
    const { findAll } = show([row(1, 'Call', { crm_loop_key: null, hs_task_body: body })]);
    expect(findAll(Link).map((one) => one.text)).toEqual(['Call']);
  });

  test('shows what the viewer marked for the 1on1 on this deal', () => {
    const { findAll } = show([row(1, '[1on1] 見積の相談', { crm_loop_key: null })]);
    expect(findAll(Link).map((one) => one.text)).toEqual(['[1on1] 見積の相談']);
  });

  test('never shows notes of a 1on1', () => {
    const { find } = show([row(1, '火曜の件', { crm_loop_key: key('a') })]);
    expect(find(EmptyState)).toBeTruthy();
  });

  test('says in one sentence that reading failed', () => {
    const { find } = show([], { error: new Error('no') });
    expect(find(Alert).props.variant).toBe('error');
    expect(find(Alert).text).toContain('記録は残っています');
  });

  test('says that it is loading', () => {
    expect(show([], { isLoading: true }).find(LoadingSpinner).props.label).toBe('読み込んでいます');
  });
});
