import {
  Alert,
  Divider,
  EmptyState,
  Flex,
  Heading,
  Link,
  LoadingSpinner,
  ProgressBar,
  Text,
  useCrmSearch,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { Steps } from './shared/Steps.tsx';
import {
  OWNERS,
  PAYLOAD,
  PROPERTIES,
  TASK,
  addressIn,
  byDue,
  figuresOf,
  ourTask,
  taskUrl,
  type OurTask,
} from './shared/tasks.ts';
import { TEXTS, languageOf, type Language, type Texts } from './shared/texts.ts';

// Asks for the viewer's own tasks only. A manager's own task of the week names the pairs.
export const HomePage = () => {
  const { user, portal } = useExtensionContext<'pages'>();
  const { results, isLoading, error } = useCrmSearch({
    objectType: TASK,
    properties: [...PROPERTIES, PAYLOAD],
    filterGroups: [
      {
        filters: [
          { propertyName: OWNERS, operator: 'EQ', value: String(user.id) },
          { propertyName: 'hs_task_status', operator: 'NEQ', value: 'COMPLETED' },
        ],
      },
    ],
    sorts: [{ propertyName: 'hs_timestamp', direction: 'DESCENDING' }],
    pageLength: 100,
  });
  const language = languageOf(user);
  const texts = TEXTS[language];
  if (isLoading) return <LoadingSpinner label={texts.loading} />;
  if (error)
    return (
      <Alert title={texts.failed} variant="error">
        {texts.failedMore}
      </Alert>
    );
  const tasks = results
    .map(({ objectId, properties }) => ourTask({ id: objectId, properties }, user.id))
    .filter((task) => task !== null)
    .sort(byDue);
  const memos = tasks.filter((task) => task.kind === 'memo');
  const weeks = tasks.filter((task) => task.kind === 'week');
  const steps = tasks.filter((task) => task.kind === 'step');
  return (
    <Flex direction="column" gap="medium">
      {weeks.map((week) => (
        <Week key={week.id} week={week} texts={texts} />
      ))}
      {memos.map((memo) => (
        <Memo key={memo.id} memo={memo} language={language} portalId={portal.id} />
      ))}
      {memos.length === 0 && weeks.length === 0 && (
        <EmptyState title={texts.noMemo} layout="vertical">
          <Text>{texts.noMemoMore}</Text>
        </EmptyState>
      )}
      {steps.length > 0 && (
        <Flex direction="column" gap="small">
          <Heading>{texts.steps}</Heading>
          <Steps steps={steps} language={language} portal={portal} />
        </Flex>
      )}
    </Flex>
  );
};

interface MemoProps {
  memo: OurTask;
  language: Language;
  portalId: number;
}

const Memo = ({ memo, language, portalId }: MemoProps) => {
  const texts = TEXTS[language];
  const figures = figuresOf(memo.payload, language);
  return (
    <Flex direction="column" gap="small">
      <Heading>{memo.subject}</Heading>
      <Link href={taskUrl(portalId, memo.id)}>{texts.write}</Link>
      <Text format={{ fontWeight: 'demibold' }}>{texts.figures}</Text>
      {figures.length === 0 && <Text variant="microcopy">{texts.noFigures}</Text>}
      {figures.map(({ label, text, bar }) =>
        bar ? (
          <ProgressBar
            key={label}
            title={`${label}  ${text}`}
            value={bar.value}
            maxValue={bar.target}
          />
        ) : (
          <Text key={label}>{`${label}  ${text}`}</Text>
        ),
      )}
      <Divider />
      <Lines lines={memo.lines} />
    </Flex>
  );
};

const Week = ({ week, texts }: { week: OurTask; texts: Texts }) => (
  <Flex direction="column" gap="small">
    <Heading>{texts.week}</Heading>
    <Text format={{ fontWeight: 'demibold' }}>{week.subject}</Text>
    <Lines lines={week.lines} />
  </Flex>
);

const Lines = ({ lines }: { lines: string[] }) => (
  <Flex direction="column" gap="flush">
    {lines.map((line, place) => {
      const address = addressIn(line);
      const key = `${place}:${line}`;
      if (!address) return <Text key={key}>{line || ' '}</Text>;
      return (
        <Link key={key} href={address}>
          {line.replace(address, '').trim() || address}
        </Link>
      );
    })}
  </Flex>
);
