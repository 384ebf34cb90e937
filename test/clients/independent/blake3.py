"""BLAKE3 without keys, 32 bytes out, in plain Python, and the root of a file (docs/protocol.md, "Blocks and root"). Half a megabyte a second."""

import struct

MIB = 1 << 20
IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
COLUMNS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
DIAGONALS = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
MASK = 0xFFFFFFFF
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8


def compress(chaining, block, counter, flags):
    words = list(struct.unpack("<16I", block.ljust(64, b"\0")))
    v = [*chaining, *IV[:4], counter & MASK, counter >> 32, len(block), flags]
    for _ in range(7):
        for i, (a, b, c, d) in enumerate(COLUMNS + DIAGONALS):
            for word, (right, more) in ((words[2 * i], (16, 12)), (words[2 * i + 1], (8, 7))):
                v[a] = (v[a] + v[b] + word) & MASK
                x = v[d] ^ v[a]
                v[d] = (x >> right | x << (32 - right)) & MASK
                v[c] = (v[c] + v[d]) & MASK
                x = v[b] ^ v[c]
                v[b] = (x >> more | x << (32 - more)) & MASK
        words = [words[n] for n in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def node(data, first, flags):
    """The chaining value of a tree over some chunks of 1,024 bytes, the first of which has this number."""
    if len(data) > 1024:
        left = 1 << ((len(data) - 1).bit_length() - 1)
        both = node(data[:left], first, 0) + node(data[left:], first + left // 1024, 0)
        return compress(IV, struct.pack("<16I", *both), 0, PARENT | flags)
    chaining, ends = IV, max(0, len(data) - 1) // 64 * 64
    for at in range(0, ends + 1, 64):
        edge = (CHUNK_START if at == 0 else 0) | (CHUNK_END | flags if at == ends else 0)
        chaining = compress(chaining, data[at : at + 64], first, edge)
    return chaining


def blake3(data):
    return struct.pack("<8I", *node(data, 0, ROOT))


def block_hashes(data):
    """For files of up to 64 GiB, whose blocks have 1 MiB."""
    return [blake3(data[at : at + MIB]) for at in range(0, len(data), MIB)]


def root_of(size, hashes):
    return blake3(b"jabberfs root 1\n" + struct.pack(">Q", size) + b"".join(hashes))
