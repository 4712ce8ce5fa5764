// Every sentence that a person reads, in both languages.

export interface Texts {
  loading: string;
  failed: string;
  failedMore: string;
  noSteps: string;
  noStepsMore: string;
  memo: string;
  noMemo: string;
  noMemoMore: string;
  write: string;
  figures: string;
  noFigures: string;
  steps: string;
  week: string;
  due: (day: string) => string;
  ofTarget: (value: string, target: string) => string;
  upTo: (value: string, target: string) => string;
  days: (count: string) => string;
}

const JA: Texts = {
  loading: '読み込んでいます',
  failed: '1on1ノートを読み込めませんでした',
  failedMore:
    '記録は残っています。ページを読み込み直し、続くときはHubSpotの管理者に伝えてください。',
  noSteps: 'この取引で、これからやることはありません',
  noStepsMore: '1on1で決めた次の一歩が、ここに出ます。',
  memo: '1on1メモ',
  noMemo: '予定された1on1はまだありません',
  noMemoMore: '次の1on1メモは、前の営業日の朝に届きます。',
  write: 'タスクを開いて書き込む',
  figures: '数字',
  noFigures: '数字があるときは、下のメモの中に出ます。',
  steps: 'これからやること',
  week: 'チームの1on1',
  due: (day) => `${day}まで`,
  ofTarget: (value, target) => `${value}／目標${target}`,
  upTo: (value, target) => `${value}（目安は${target}まで）`,
  days: (count) => `${count}日`,
};

const EN: Texts = {
  loading: 'Loading',
  failed: 'The 1on1 notes could not be read',
  failedMore: 'Nothing is lost. Reload the page, and tell your HubSpot admin if it stays so.',
  noSteps: 'Nothing is open on this deal',
  noStepsMore: 'Next steps that you agreed in your 1on1 appear here.',
  memo: '1on1 notes',
  noMemo: 'No 1on1 is planned yet',
  noMemoMore: 'Your next notes arrive on the working day before.',
  write: 'Open the task to write in it',
  figures: 'Figures',
  noFigures: 'Where there are figures, they stand in the notes below.',
  steps: 'Open actions',
  week: "Your team's 1on1s",
  due: (day) => `due ${day}`,
  ofTarget: (value, target) => `${value} of ${target}`,
  upTo: (value, target) => `${value}, target up to ${target}`,
  days: (count) => `${count} days`,
};

export const TEXTS = { ja: JA, en: EN };

export type Language = keyof typeof TEXTS;

export interface Reader {
  id: number;
  language?: string;
  locale?: string;
}

export const languageOf = (reader: Reader): Language =>
  (reader.language ?? reader.locale ?? '').toLowerCase().startsWith('ja') ? 'ja' : 'en';
