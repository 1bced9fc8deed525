import { type ZonedDateTime, getLocalTimeZone, parseAbsolute } from '@internationalized/date';
import { Button } from 'react-aria-components/Button';
import { Calendar, CalendarCell, CalendarGrid } from 'react-aria-components/Calendar';
import { DateInput, DatePicker, DateSegment } from 'react-aria-components/DatePicker';
import { Dialog } from 'react-aria-components/Dialog';
import { FieldError } from 'react-aria-components/FieldError';
import { Group } from 'react-aria-components/Group';
import { Heading } from 'react-aria-components/Heading';
import { Label } from 'react-aria-components/Label';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import { useTexts } from '../texts';
import { Icon } from './Icon';

interface DateTimeFieldProps {
  /** The zone is written behind it. */
  label: string;
  /** A point in time, as the API has it; null while it is not complete. */
  value: string | null;
  onChange(value: string | null): void;
  /** The zone that is shown and entered; that of the browser without. */
  timeZone?: string;
  earliest?: string;
  hint?: string;
  error?: string | undefined;
}

/** A day and a time, with the time zone written out. */
export function DateTimeField(props: DateTimeFieldProps) {
  const texts = useTexts();
  const zone = props.timeZone ?? getLocalTimeZone();
  const zoned = (time: string): ZonedDateTime => parseAbsolute(new Date(time).toISOString(), zone);
  return (
    <DatePicker
      className="field"
      granularity="minute"
      hideTimeZone
      value={props.value ? zoned(props.value) : null}
      onChange={(value) => props.onChange(value ? value.toAbsoluteString() : null)}
      minValue={props.earliest ? zoned(props.earliest) : null}
      placeholderValue={zoned(new Date().toISOString())}
      isInvalid={props.error !== undefined}
    >
      <Label>
        {props.label} <small>({zone})</small>
      </Label>
      <Group className="date-group">
        <DateInput className="date-input">
          {(segment) => <DateSegment segment={segment} className="date-segment" />}
        </DateInput>
        <Button className="button icon">
          <Icon name="calendar" />
        </Button>
      </Group>
      {props.hint && (
        <Text slot="description" className="hint">
          {props.hint}
        </Text>
      )}
      <FieldError className="problem">{props.error ?? texts.common.invalidDate}</FieldError>
      <Popover className="popover">
        <Dialog className="dialog">
          <Calendar className="calendar">
            <header>
              <Button slot="previous" className="button icon">
                <Icon name="left" />
              </Button>
              <Heading />
              <Button slot="next" className="button icon">
                <Icon name="chevron" />
              </Button>
            </header>
            <CalendarGrid>{(day) => <CalendarCell date={day} className="day" />}</CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}
