import type { ComponentChildren } from 'preact';
import { safeLink, safePicture } from './links.ts';
import { Link, Picture } from './rich-content.tsx';

/** Code, pictures, links, bold, italic, and addresses as they are: the first that stands at a place. */
const INLINE =
  /`([^`\n]+)`|!\[([^\]\n]*)\]\(([^)\s]+)\)|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*(?=\S)([^*\n]+?)\*\*|(?<![\w*])[*_](?=\S)([^*_\n]+?)[*_](?!\w)|(https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?])/g;

/** Messages that came without a document: as text, with the little Markdown that people write. */
export function Markdown({ text }: { text: string }) {
  return <div class="text">{blocks(text)}</div>;
}

function blocks(text: string): ComponentChildren {
  return text.split(/(```[\s\S]*?```)/).map((part, index) => {
    const code = /^```\w*\n?([\s\S]*?)```$/.exec(part)?.[1];
    const key = String(index);
    if (code !== undefined)
      return (
        <pre key={key}>
          <code>{code}</code>
        </pre>
      );
    const paragraphs = part.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== '');
    return paragraphs.map((paragraph, at) => (
      <Paragraph key={`${key}.${at}`} text={paragraph.replace(/^\n|\n$/g, '')} />
    ));
  });
}

function Paragraph({ text }: { text: string }) {
  const lines = text.split('\n');
  if (lines.every((line) => /^\s*[-*] \S/.test(line)))
    return (
      <ul>
        {lines.map((line, index) => (
          <li key={String(index)}>{inline(line.replace(/^\s*[-*] /, ''))}</li>
        ))}
      </ul>
    );
  return (
    <p>
      {lines.map((line, index) => (
        <>
          {index > 0 && <br />}
          {inline(line)}
        </>
      ))}
    </p>
  );
}

function inline(text: string): ComponentChildren[] {
  const shown: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, alt, source, label, address, bold, italic, bare] = match;
    shown.push(text.slice(end, match.index));
    end = match.index + whole.length;
    const src = safePicture(source);
    const href = safeLink(address ?? bare);
    if (code !== undefined) shown.push(<code>{code}</code>);
    else if (src !== undefined) shown.push(<Picture src={src} alt={alt ?? ''} />);
    else if (href !== undefined) shown.push(<Link href={href}>{label ?? bare}</Link>);
    else if (bold !== undefined) shown.push(<strong>{inline(bold)}</strong>);
    else if (italic !== undefined) shown.push(<em>{inline(italic)}</em>);
    else shown.push(whole);
  }
  shown.push(text.slice(end));
  return shown;
}

/** The beginning of a message in a list, without its marks. */
export function plainText(text: string): string {
  return text
    .replace(/!\[([^\]\n]*)\]\([^)\s]+\)/g, '$1')
    .replace(/\[([^\]\n]+)\]\([^)\s]+\)/g, '$1')
    .replace(/[*_`]{1,3}/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
