import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isLeafType,
  isListType,
  isObjectType,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";

/** A document that was found valid, with what is needed to walk through it. */
export interface Walked {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, GraphQLField<unknown, unknown>>>;

/** One field of a selection, with its type's definition. */
export interface Selected {
  readonly node: FieldNode;
  readonly key: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly args: Readonly<Record<string, unknown>>;
}

// A selection is the same for every node that it is counted for.
const selections = new WeakMap<Walked, Map<SelectionSetNode, Map<string, readonly Selected[]>>>();

/** The fields of a selection on a type, fragments and directives resolved. */
export function selectedOf(walked: Walked, selection: SelectionSetNode, type: string): readonly Selected[] {
  const ofWalk = selections.get(walked) ?? new Map<SelectionSetNode, Map<string, readonly Selected[]>>();
  selections.set(walked, ofWalk);
  const ofType = ofWalk.get(selection) ?? new Map<string, readonly Selected[]>();
  ofWalk.set(selection, ofType);
  const selected = ofType.get(type) ?? resolved(walked, selection, type);
  ofType.set(type, selected);
  return selected;
}

function resolved(walked: Walked, selection: SelectionSetNode, type: string): readonly Selected[] {
  const known = fieldsOf(walked.schema, type);
  return selection.selections.flatMap((node): readonly Selected[] => {
    if (!isIncluded(walked, node.directives ?? [])) return [];
    if (node.kind === "FragmentSpread") {
      const fragment = walked.fragments.get(node.name.value);
      if (fragment === undefined) return [];
      return selectedOf(walked, fragment.selectionSet, fragment.typeCondition.name.value);
    }
    if (node.kind === "InlineFragment") {
      return selectedOf(walked, node.selectionSet, node.typeCondition?.name.value ?? type);
    }
    const field = known[node.name.value];
    if (field === undefined) return [];
    const args = Object.fromEntries(
      (node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value, walked.variables)]),
    );
    return [{ node, key: node.alias?.value ?? node.name.value, field, args }];
  });
}

function fieldsOf(schema: GraphQLSchema, name: string): Fields {
  const type = schema.getType(name);
  return type !== undefined && isCompositeType(type) && "getFields" in type
    ? ((type as GraphQLObjectType).getFields() as Fields)
    : {};
}

function isIncluded(walked: Walked, directives: NonNullable<FieldNode["directives"]>): boolean {
  return directives.every(({ name, arguments: args = [] }) => {
    const [condition] = args;
    const value = condition === undefined ? true : valueFromASTUntyped(condition.value, walked.variables);
    return name.value === "include" ? value === true : value !== true;
  });
}

/** True for a field that gives a connection. */
export function isConnection({ field }: Selected): boolean {
  const type = getNamedType(field.type);
  return isObjectType(type) && type.name.endsWith("Connection");
}

/** True for a field that gives a plain list. */
export function isList({ field }: Selected): boolean {
  return isListType(getNullableType(field.type));
}

/** The selections of the nodes of a connection, with their type. */
export function nodesOf(walked: Walked, connection: Selected): readonly (readonly [SelectionSetNode, string])[] {
  const type = getNamedType(connection.field.type).name;
  const below = connection.node.selectionSet;
  if (below === undefined) return [];
  return selectedOf(walked, below, type).flatMap((one) => {
    const inner = one.node.selectionSet;
    if (inner === undefined) return [];
    const name = getNamedType(one.field.type).name;
    if (one.field.name === "nodes") return [[inner, name] as const];
    return one.field.name === "edges" ? nodeOfEdge(walked, inner, name) : [];
  });
}

function nodeOfEdge(walked: Walked, selection: SelectionSetNode, type: string) {
  return selectedOf(walked, selection, type).flatMap(({ node, field }) =>
    field.name === "node" && node.selectionSet !== undefined
      ? [[node.selectionSet, getNamedType(field.type).name] as const]
      : [],
  );
}

/**
 * Points of a selection by the published rules: an object 1, a leaf 0, a connection 2 and as many nodes as may come. A plain list counts
 * as many as may come by `first` or `ids`, or one. With the answer given, what came instead of what may come.
 */
export function pointsOf(
  walked: Walked,
  selection: SelectionSetNode,
  type: string,
  answer?: { readonly data: unknown },
): number {
  return selectedOf(walked, selection, type).reduce((sum, one) => sum + pointsOfField(walked, one, answer), 0);
}

function pointsOfField(walked: Walked, one: Selected, answer: { readonly data: unknown } | undefined): number {
  const type = getNamedType(one.field.type);
  if (isLeafType(type) || one.node.selectionSet === undefined) return 0;
  const value = answer === undefined ? undefined : memberOf(answer.data, one.key);
  if (answer !== undefined && (value === null || value === undefined)) return 0;
  const count = Number(
    one.args["first"] ?? one.args["last"] ?? (one.args["ids"] as unknown[] | undefined)?.length ?? 1,
  );
  if (isConnection(one)) {
    const [nodes] = nodesOf(walked, one);
    if (nodes === undefined) return 2;
    const items = answer === undefined ? undefined : itemsOf(value);
    return 2 + many(count, items, (item) => 1 + pointsOf(walked, nodes[0], nodes[1], item));
  }
  const below = one.node.selectionSet;
  const each = (item?: { readonly data: unknown }) => 1 + pointsOf(walked, below, type.name, item);
  if (isList(one)) return many(count, answer === undefined ? undefined : (value as readonly unknown[]), each);
  return each(answer === undefined ? undefined : { data: value });
}

function many(
  count: number,
  items: readonly unknown[] | undefined,
  each: (item?: { readonly data: unknown }) => number,
): number {
  if (items === undefined) return count * each();
  return items.reduce<number>((sum, data) => sum + (data === null ? 0 : each({ data })), 0);
}

function itemsOf(connection: unknown): readonly unknown[] {
  const nodes = memberOf(connection, "nodes");
  if (Array.isArray(nodes)) return nodes;
  const edges = memberOf(connection, "edges");
  return Array.isArray(edges) ? edges.map((edge) => memberOf(edge, "node")) : [];
}

function memberOf(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>> | null)?.[name];
}
