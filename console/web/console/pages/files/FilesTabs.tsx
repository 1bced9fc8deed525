import { Tabs } from '../../kit/Tabs';
import { useTexts } from '../../texts';

export function FilesTabs() {
  const { files } = useTexts();
  return (
    <Tabs
      label={files.title}
      tabs={[
        { href: '/files', label: files.mine },
        { href: '/files/shared', label: files.shared },
      ]}
    />
  );
}
