import type { ComponentChildren, JSX } from 'preact';
import { safeLink, safePicture } from './links.ts';

interface Node {
  type?: unknown;
  text?: unknown;
  attrs?: Record<string, unknown>;
  marks?: { type?: unknown; attrs?: Record<string, unknown> }[];
  content?: unknown;
}

const DEPTH_MAX = 20;
const MARKS: Readonly<Record<string, keyof JSX.IntrinsicElements>> = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strike: 's',
  code: 'code',
};
const BLOCKS: Readonly<Record<string, keyof JSX.IntrinsicElements>> = {
  paragraph: 'p',
  blockquote: 'blockquote',
  bulletList: 'ul',
  listItem: 'li',
};

/** Whether it is a document (widget.md 9.6); what is none is shown as text. */
export function isDocument(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Node).type === 'doc' &&
    Array.isArray((value as Node).content)
  );
}

export function RichContent({ document }: { document: Node }) {
  return <div class="text">{children(document, 0)}</div>;
}

export function Link({ href, children: inner }: { href: string; children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" referrerpolicy="no-referrer">
      {inner}
    </a>
  );
}

/** Gone when it cannot be shown. */
export function Picture({ src, alt }: { src: string; alt: string }) {
  return (
    <a class="picture" href={src} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">
      <img
        src={src}
        alt={alt}
        loading="lazy"
        referrerpolicy="no-referrer"
        onError={({ currentTarget }) => currentTarget.parentElement?.remove()}
      />
    </a>
  );
}

function children(node: Node, depth: number): ComponentChildren {
  if (depth > DEPTH_MAX || !Array.isArray(node.content)) return null;
  return node.content.map((child: unknown, index) => {
    const isNode = typeof child === 'object' && child !== null;
    // Documents are never changed in place.
    return isNode ? <Part key={String(index)} node={child as Node} depth={depth + 1} /> : null;
  });
}

function Part({ node, depth }: { node: Node; depth: number }): JSX.Element | null {
  const type = String(node.type);
  const attrs = node.attrs ?? {};
  const inner = children(node, depth);
  if (type === 'text') return <Marked node={node} />;
  if (type === 'hardBreak') return <br />;
  if (type === 'horizontalRule') return <hr />;
  if (type === 'orderedList') return <ol start={Number(attrs.start) || 1}>{inner}</ol>;
  // The conversation has headings of its own: levels of a message are only looks.
  if (type === 'heading') return <p class="heading">{inner}</p>;
  if (type === 'codeBlock')
    return (
      <pre>
        <code>{inner}</code>
      </pre>
    );
  if (type === 'image') {
    const src = safePicture(attrs.src);
    return src === undefined ? null : <Picture src={src} alt={String(attrs.alt ?? '')} />;
  }
  if (type === 'mention') return <span>@{String(attrs.label ?? attrs.id ?? '')}</span>;
  const Block = BLOCKS[type] ?? 'span';
  return <Block>{inner}</Block>;
}

function Marked({ node: { text, marks = [] } }: { node: Node }): JSX.Element {
  let shown: ComponentChildren = String(text ?? '');
  for (const { type, attrs = {} } of marks) {
    const href = type === 'link' ? safeLink(attrs.href) : undefined;
    const Mark = MARKS[String(type)];
    if (href !== undefined) shown = <Link href={href}>{shown}</Link>;
    else if (Mark) shown = <Mark>{shown}</Mark>;
  }
  return <>{shown}</>;
}
