import { Flex, Link, Text } from '@hubspot/ui-extensions';
import { dayText, taskUrl, type OurTask } from './tasks.ts';
import { TEXTS, type Language } from './texts.ts';

interface Props {
  steps: OurTask[];
  language: Language;
  portal: { id: number; timezone: string };
}

export const Steps = ({ steps, language, portal }: Props) => (
  <Flex direction="column" gap="extra-small">
    {steps.map((step) => (
      <Flex key={step.id} direction="row" gap="small" wrap="wrap">
        <Link href={taskUrl(portal.id, step.id)}>{step.subject}</Link>
        {step.due && (
          <Text variant="microcopy">
            {TEXTS[language].due(dayText(step.due, language, portal.timezone))}
          </Text>
        )}
      </Flex>
    ))}
  </Flex>
);
