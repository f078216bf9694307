package org.culvert.core.lab;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.culvert.core.demo.Await;

/** One direction of a {@link Relay}: takes datagrams from a channel, harms some, sends the rest on, counts all. */
final class Lane implements AutoCloseable {
    private static final int DATAGRAM_BYTES = 65_535;
    private static final int QUIET_MS = 50;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Harm harm;
    private final Random random;
    private final Relay.Send send;
    private final ScheduledExecutorService line = Executors.newSingleThreadScheduledExecutor();
    private final Deque<Held> held = new ArrayDeque<>(); // only on the line's thread
    private volatile boolean closed;
    private volatile int carriesBytes = DATAGRAM_BYTES;

    final AtomicLong taken = new AtomicLong();
    final AtomicLong lost = new AtomicLong();
    final AtomicLong duplicated = new AtomicLong();
    final AtomicLong corrupted = new AtomicLong();
    final AtomicLong truncated = new AtomicLong();
    final AtomicLong reordered = new AtomicLong();
    final AtomicLong tooLong = new AtomicLong();

    private record Held(byte[] datagram, long releaseAfter) {}

    Lane(Harm harm, Relay.Send send) {
        this.harm = harm;
        this.random = new Random(harm.seed());
        this.send = send;
    }

    void start(String name, Relay.Channel channel, Consumer<SocketAddress> sender) {
        Thread.ofPlatform().daemon().name(name).start(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(DATAGRAM_BYTES);
            while (!closed) {
                try {
                    buffer.clear();
                    sender.accept(channel.now().receive(buffer));
                    byte[] datagram = Arrays.copyOf(buffer.array(), buffer.position());
                    line.schedule(() -> pass(datagram), harm.delayMs(), TimeUnit.MILLISECONDS);
                } catch (AsynchronousCloseException moved) {
                    // The next channel, or the end.
                } catch (ClosedChannelException moved) {
                    Thread.onSpinWait();
                } catch (IOException e) {
                    throw new AssertionError(name, e);
                }
            }
        });
        line.scheduleWithFixedDelay(() -> release(Long.MAX_VALUE), QUIET_MS, QUIET_MS, TimeUnit.MILLISECONDS);
    }

    /** Waits until everything taken so far was sent or lost. */
    void awaitEmpty() throws Exception {
        Await.until("an empty relay", LONGEST, () -> line.submit(held::isEmpty).get());
    }

    /** From now on what is longer (UDP payload) is lost without a word: a path MTU black hole. */
    void carry(int bytes) {
        carriesBytes = bytes;
    }

    private void pass(byte[] datagram) {
        long number = taken.incrementAndGet();
        if (datagram.length > carriesBytes) {
            tooLong.incrementAndGet();
            return;
        }
        double fate = random.nextDouble();
        if ((fate -= harm.loss()) < 0) {
            lost.incrementAndGet();
        } else if ((fate -= harm.duplicate()) < 0) {
            duplicated.incrementAndGet();
            send(datagram);
            send(datagram);
        } else if ((fate -= harm.corrupt()) < 0) {
            corrupted.incrementAndGet();
            send(flipped(datagram, random.nextInt(8 * datagram.length)));
        } else if ((fate -= harm.truncate()) < 0) {
            truncated.incrementAndGet();
            send(Arrays.copyOf(datagram, random.nextInt(datagram.length)));
        } else if (fate - harm.reorder() < 0) {
            reordered.incrementAndGet();
            held.add(new Held(datagram, number + harm.reorderDepth()));
        } else {
            send(datagram);
        }
        release(number);
    }

    private void release(long number) {
        while (!held.isEmpty() && held.peek().releaseAfter <= number) {
            send(held.poll().datagram);
        }
    }

    static byte[] flipped(byte[] datagram, int bit) {
        byte[] changed = datagram.clone();
        changed[bit / 8] ^= (byte) (0x80 >>> bit % 8);
        return changed;
    }

    private void send(byte[] datagram) {
        try {
            send.to(ByteBuffer.wrap(datagram));
        } catch (ClosedChannelException moving) {
            lost.incrementAndGet();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        line.shutdownNow();
    }
}
