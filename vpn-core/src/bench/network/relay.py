"""A link with latency: carries Ethernet frames between two interfaces of this namespace, each after a fixed time.

    relay.py LEFT RIGHT DELAY_MS        one way, the same in both directions; for kernels without netem
"""

import select
import socket
import sys
import time
from collections import deque

ETH_P_ALL = 3
FRAME_BYTES = 1 << 16
BUFFER_BYTES = 16 << 20
PACKET_OUTGOING = 4


def opened(interface):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.setsockopt(socket.SOL_SOCKET, 33, BUFFER_BYTES)  # SO_RCVBUFFORCE
    link.bind((interface, ETH_P_ALL))
    link.setblocking(False)
    return link


def carry(left, right, delay_s):
    """Frames leave in the order they came, because all wait for the same time."""
    other = {left: right, right: left}
    waiting = deque()
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for link in select.select([left, right], [], [], timeout)[0]:
            try:
                while True:
                    frame, address = link.recvfrom(FRAME_BYTES)
                    if address[2] != PACKET_OUTGOING:
                        waiting.append((time.monotonic() + delay_s, other[link], frame))
            except BlockingIOError:
                pass
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, link, frame = waiting.popleft()
            try:
                link.send(frame)
            except (BlockingIOError, OSError):
                pass  # a full link loses frames


if __name__ == "__main__":
    carry(opened(sys.argv[1]), opened(sys.argv[2]), float(sys.argv[3]) / 1000)
