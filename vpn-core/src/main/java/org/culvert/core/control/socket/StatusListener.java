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
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A TCP address that serves what anybody there may read: metrics and the status page, nothing else. A thread of its own, so that
 * neither the data path nor the control socket waits for who reads slowly.
 */
public final class StatusListener implements AutoCloseable {
    private static final int RECEIVE_BYTES = 2_048;
    private static final int BACKLOG = 16;
    private static final long STOP_MS = 300;

    private final EventLoopGroup thread;
    private final Channel channel;

    private StatusListener(EventLoopGroup thread, Channel channel) {
        this.thread = thread;
        this.channel = channel;
    }

    /**
     * Listens.
     *
     * @param handlers of GET only, for anybody
     * @throws IOException when the address is taken or not this host's; the message names it
     */
    public static StatusListener open(InetSocketAddress address, List<ControlHandler> handlers) throws IOException {
        for (ControlHandler handler : handlers) {
            Resource resource = handler.resource();
            if (!resource.method().equals("GET") || resource.rootOnly()) {
                throw new IllegalArgumentException(resource + " is for the control socket only");
            }
        }
        EventLoopGroup thread = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().name("status-listener").daemon().factory(), NioIoHandler.newFactory());
        UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(thread)
                .channelFactory(NioServerSocketChannel::new)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.ALLOCATOR, heap)
                .childOption(ChannelOption.ALLOCATOR, heap)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES))
                .childHandler(new Connections(handlers, ControlSocket.TIME_LIMIT))
                .bind(address)
                .awaitUninterruptibly();
        StatusListener listener = new StatusListener(thread, bound.channel());
        if (!bound.isSuccess()) {
            listener.close();
            throw new IOException(
                    "[status] listen = " + address + ": cannot listen: "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return listener;
    }

    /** Where it listens; the port is known also where the kernel chose it. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Answers under way are cut off. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly(STOP_MS);
        thread.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * STOP_MS);
    }
}
