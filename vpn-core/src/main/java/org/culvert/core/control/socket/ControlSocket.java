package org.culvert.core.control.socket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A control socket that listens. One thread, which starts with the first connection's needs and not before {@link #open};
 * memory is plain heap, taken when somebody asks and left to the collector, since nobody asks most of the time.
 */
public final class ControlSocket implements AutoCloseable {
    /** From accept to the last byte: a command that hangs must not keep others out. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(10);

    private static final int RECEIVE_BYTES = 2_048;
    private static final int BACKLOG = 16;
    private static final long STOP_MS = 300;

    static {
        // Else Netty asks the kernel about every interface, to name channels by a hardware address nobody ever
        // sees, and warns where there is none.
        if (System.getProperty("io.netty.machineId") == null) {
            System.setProperty("io.netty.machineId", "02:00:00:00:00:01");
        }
    }

    private final SocketFile file;
    private final EventLoopGroup thread;
    private @Nullable Channel channel;

    private ControlSocket(SocketFile file) {
        this.file = file;
        this.thread = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().name("control-socket").daemon().factory(), NioIoHandler.newFactory());
    }

    /**
     * Listens at {@code path}, in a folder that is made with mode 0750 if it is not there; the socket has mode 0660.
     *
     * @throws IOException when another daemon listens there or the system refuses; the message says what to do
     */
    public static ControlSocket open(Path path, List<ControlHandler> handlers) throws IOException {
        return open(path, handlers, TIME_LIMIT);
    }

    static ControlSocket open(Path path, List<ControlHandler> handlers, Duration timeLimit) throws IOException {
        ControlSocket socket = new ControlSocket(new SocketFile(path));
        try {
            Connections connections = new Connections(handlers, timeLimit);
            socket.file.publish(address -> socket.channel = socket.bind(address, connections));
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private Channel bind(UnixDomainSocketAddress address, Connections connections) throws IOException {
        UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(thread)
                .channelFactory(NioServerDomainSocketChannel::new)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.ALLOCATOR, heap)
                .childOption(ChannelOption.ALLOCATOR, heap)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES))
                .childHandler(connections)
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(address + ": cannot listen: " + bound.cause().getMessage(), bound.cause());
        }
        return bound.channel();
    }

    /** Answers under way are cut off. */
    @Override
    public void close() throws IOException {
        try {
            file.remove();
        } finally {
            if (channel != null) {
                channel.close().awaitUninterruptibly(STOP_MS);
            }
            thread.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * STOP_MS);
        }
    }
}
