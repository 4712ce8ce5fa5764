// Tasks as a portal answers them.
export const VIEWER = 42;

export const key = (letter: string) => `cl1${letter}${'0'.repeat(40)}`;

export const row = (id: number, subject: string, more: Record<string, string | null> = {}) => ({
  objectId: id,
  properties: {
    hs_task_subject: subject,
    hs_task_body: '',
    hs_task_status: 'NOT_STARTED',
    hs_timestamp: '2026-06-19T08:00:00.000Z',
    hs_user_ids_of_all_owners: String(VIEWER),
    crm_loop_key: key('t'),
    ...more,
  },
});

export const PAYLOAD = {
  as_of: '2026-06-15',
  kpis: [
    { code: 'bookings', label: '受注金額', unit: 'money', currency: 'JPY', way: 'up',
      actual: 3200000, target: 8000000 },
    { code: 'meetings_held', label: '面談実施数', unit: 'count', way: 'up', actual: 4, target: 12 },
    { code: 'stale_rate', label: '動きのない案件', unit: 'ratio', way: 'down', actual: 0.4,
      target: 0.25 },
  ],
};

export const MEMO = row(1, '1on1メモ 6/16（火）10:00 佐藤さん', {
  crm_loop_key: key('a'),
  crm_loop_payload: JSON.stringify(PAYLOAD),
  hs_task_body:
    '1on1メモ 田中さん・佐藤さん<br>▼田中さんから<br> 話したいこと：A &amp; B<br>' +
    '今月の面談：4件/目標12件。今日までの目安は5件ほど、月末は10件前後（7〜14件）の見込みです。<br>' +
    'このメモを見られる人：田中さん、佐藤さん、CRM管理者  自動作成 #a7f3',
});

export const WEEK = row(2, "This week's 1on1s (2)", {
  crm_loop_key: key('a'),
  hs_task_body:
    'Tue, Jun 16 10:00 Tanaka<br>Notes https://app.hubspot.com/contacts/1/record/0-27/1',
});
