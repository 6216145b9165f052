"""Skeleton: the tree of a page as it was sent, kept by address and bytes, so that a page that comes again is not read again.

Sites are few and episodes many: of the pages that a group of episodes opens, most have been seen before. A skeleton is shared and never
changed. What an episode sees has its own refs and, where it has touched a field, its own values; all that has neither is shared with
every other tree of the page, so trees must not be changed by who reads them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from envgym.browser.page_state import Node
from envgym.browser.text_backend.document import Document
from envgym.browser.text_backend.outline import Outline

KEPT = 512
"""Pages that are remembered in a process."""
LARGEST = 128 * 1024
"""Bytes of a page that is remembered."""
Way = tuple[int, ...]
Give = Callable[[int], str]
"""Gives the element at a place its ref."""


@dataclass(frozen=True, slots=True)
class Bone:
    """A node of a skeleton: the place of its element, -1 without a ref; `below` are its children, where one of them has a ref."""

    node: Node
    place: int
    below: tuple["Bone", ...] | None

    @property
    def shared(self) -> bool:
        """Whether every tree of the page has this very node."""
        return self.place < 0 and self.below is None


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The tree; by place, where plain links lead, and the way down to a node, as places among children."""

    title: str
    root: Bone
    links: dict[int, str]
    ways: dict[int, Way]


def skeleton_of(document: Document) -> Skeleton:
    """The skeleton of a page."""
    if document.bones is None:
        read = skeleton if len(document.content) <= LARGEST else skeleton.__wrapped__
        document.bones = read(document.address, document.content)
    found: Skeleton = document.bones
    return found


@lru_cache(maxsize=KEPT)
def skeleton(url: str, content: bytes) -> Skeleton:
    """Reads a page."""
    document = Document(url, content)
    place = document.place
    tree = Outline(document, lambda element: str(place[element])).tree()
    root = _bone(tree)
    return Skeleton(document.title, root, dict(_links(document, tree)), dict(_ways(root, ())))


def _ways(bone: Bone, way: Way) -> Iterator[tuple[int, Way]]:
    if bone.place >= 0:
        yield bone.place, way
    for at, each in enumerate(bone.below or ()):
        yield from _ways(each, (*way, at))


def _bone(node: Node) -> Bone:
    below = tuple(_bone(child) for child in node.children)
    place = int(node.ref) if node.ref else -1
    return Bone(node, place, None if all(each.shared for each in below) else below)


def _links(document: Document, tree: Node) -> list[tuple[int, str]]:
    found = []
    for node in tree.walk():
        if node.role == "link" and node.ref:
            element = document.elements[int(node.ref)]
            if element.tag == "a" and element.get("target") is None:
                found.append((int(node.ref), document.absolute(element.get("href"))))
    return found


def title_of(document: Document) -> str:
    """The title of a page."""
    return skeleton_of(document).title


def tree_of(document: Document, give: Give) -> Node:
    """What is to be seen of a page now."""
    if document.toggled:
        return Outline(document, lambda element: give(document.place[element])).tree()
    bones = skeleton_of(document)
    if document.tree is None:
        document.tree = _fleshed(bones.root, give)
    tree = document.tree
    touched = document.touched
    if touched:
        outline = Outline(document, lambda element: give(document.place[element]))
        for place, element in sorted(((document.place[each], each) for each in touched), key=itemgetter(0)):
            if place in bones.ways:
                tree = _replaced(tree, bones.ways[place], outline.node(element))
    return tree


def _fleshed(bone: Bone, give: Give) -> Node:
    """A skeleton with refs."""
    node, place, below = bone.node, bone.place, bone.below
    ref = give(place) if place >= 0 else ""
    children = node.children
    if below is not None:
        children = [each.node if each.place < 0 and each.below is None else _fleshed(each, give) for each in below]
    return Node(node.role, node.name, ref, node.value, node.states, None, node.url, children)


def _replaced(tree: Node, way: Way, node: Node) -> Node:
    """The tree with another node at the end of a way; what is not on the way is shared with the old one."""
    if not way:
        return node
    children = list(tree.children)
    children[way[0]] = _replaced(children[way[0]], way[1:], node)
    return Node(tree.role, tree.name, tree.ref, tree.value, tree.states, None, tree.url, children)
