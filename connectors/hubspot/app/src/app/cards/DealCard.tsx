import {
  Alert,
  EmptyState,
  LoadingSpinner,
  Text,
  hubspot,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { useAssociations } from '@hubspot/ui-extensions/crm';
import { Steps } from './shared/Steps.tsx';
import { PROPERTIES, TASK, byDue, ourTask } from './shared/tasks.ts';
import { TEXTS, languageOf } from './shared/texts.ts';

// Only what the viewer agreed to do: what others do on a deal is theirs to tell.
export const DealCard = () => {
  const { user, portal } = useExtensionContext<'crm.record.sidebar'>();
  const { results, isLoading, error } = useAssociations({
    toObjectType: TASK,
    properties: PROPERTIES,
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
  const steps = results
    .map(({ toObjectId, properties }) => ourTask({ id: toObjectId, properties }, user.id))
    .filter((task) => task?.kind === 'step')
    .map((task) => task!)
    .sort(byDue);
  if (steps.length === 0)
    return (
      <EmptyState title={texts.noSteps} layout="vertical">
        <Text>{texts.noStepsMore}</Text>
      </EmptyState>
    );
  return <Steps steps={steps} language={language} portal={portal} />;
};

hubspot.extend<'crm.record.sidebar'>(() => <DealCard />);
