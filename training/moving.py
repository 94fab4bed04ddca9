"""Values that are only moved about: what is done to each by itself can as well be done before."""
import onnx

DATA = {
    "SpaceToDepth": slice(1),
    "Slice": slice(1),
    "Transpose": slice(1),
    "Reshape": slice(1),
    "Flatten": slice(1),
    "Squeeze": slice(1),
    "Unsqueeze": slice(1),
    "Concat": slice(None),
    "Where": slice(1, None),
}
"""Operations that only move values, and which of their inputs these are."""
ALONE = ("Neg", "Exp", "Log", "Sqrt", "Abs", "Reciprocal", "Relu", "Sigmoid", "Tanh")
BESIDE_CONSTANTS = ("Add", "Sub", "Mul", "Div", "Clip", "Min", "Max")
"""Operations on single values, the latter where all they read else is one number each."""


def moved(graph, tensor):
    """(nodes that only move values until they are the tensor, in order; the tensors that they move): as far back as nothing else reads what
    lies between. Who reads the tensor itself is not looked at; ([], [tensor]) where nothing is moved."""
    nodes, between = [], {tensor}
    for node in reversed(graph.nodes):
        made = node.output[0]
        if made not in between or node.op_type not in DATA or made in graph.outputs:
            continue
        if made != tensor and not all(any(each is reader for each in nodes) for reader in graph.consumers(made)):
            continue
        between.update(node.input[DATA[node.op_type]])
        nodes.insert(0, node)
    made = {node.output[0] for node in nodes}
    return nodes, sorted(between - made)


def put_before(graph, work, nodes, sources):
    """What `work` does to the first tensor it reads, which nothing else reads, is done before `nodes` move it (see `moved`), to each of the `sources`.
    The nodes that do it now, one a source."""
    result, done, earlier = work.output[0], {}, []
    for source in sources:
        same = [each for each in graph.ahead_of(nodes[0]) if each.input[:1] == [source] and _does_the_same(each, work)]
        if not same:
            same = [onnx.NodeProto()]
            same[0].CopyFrom(work)
            same[0].input[0], same[0].output[0] = source, f"{result}/before/{len(earlier)}"
            graph.insert_behind(graph.producer(source), same)
        done[source] = same[0].output[0]
        earlier += same[:1]
    for i, node in enumerate(nodes):
        given = node.output[0]
        done[given] = result if node is nodes[-1] else f"{result}/moved/{i}"
        node.output[0] = done[given]
        for place in range(*DATA[node.op_type].indices(len(node.input))):
            node.input[place] = done[node.input[place]]
    graph.nodes.remove(work)
    return earlier


def _does_the_same(node, work):
    return node.op_type == work.op_type and node.input[1:] == work.input[1:] and node.attribute == work.attribute


def work_before_copies(graph):
    """Work on single values of what was put together of several copies of one tensor (orientations of an image) is done once, before."""
    for work in list(graph.nodes):
        if not _on_single_values(graph, work) or not graph.only_feeds(work.input[0], work):
            continue
        nodes, sources = moved(graph, work.input[0])
        if len(sources) == 1 and graph.producer(sources[0]) is not None and any(node.op_type == "Concat" for node in nodes):
            put_before(graph, work, nodes, sources)


def _on_single_values(graph, node):
    if node.op_type in ALONE:
        return True
    others = [name for name in node.input[1:] if name]
    return node.op_type in BESIDE_CONSTANTS and all(name in graph.constants and graph.constants[name].size == 1 for name in others)
