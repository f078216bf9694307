package org.culvert.core.control.socket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sets up each connection, within limits of number, size and time. The socket's thread. */
@Sharable
@SuppressWarnings("FutureReturnValueIgnored") // Netty's own; what fails closes the channel, and that is seen
final class Connections extends ChannelInitializer<Channel> {
    /** More at once is a script gone wild; it finds its connection closed. */
    static final int MOST = 16;

    static final int LINE_BYTES = 1_024;
    static final int HEADER_BYTES = 4_096;
    static final int BODY_BYTES = 512 << 10; // a configuration of a few thousand peers

    private static final AttributeKey<Future<?>> OVERDUE = AttributeKey.valueOf(Connections.class, "overdue");

    private final List<ControlHandler> handlers;
    private final Duration timeLimit;
    private int open;

    Connections(List<ControlHandler> handlers, Duration timeLimit) {
        this.handlers = List.copyOf(handlers);
        this.timeLimit = timeLimit;
    }

    /** For an answer that takes as long as its reader wants. */
    static void withoutTimeLimit(Channel channel) {
        channel.attr(OVERDUE).get().cancel(false);
    }

    @Override
    protected void initChannel(Channel channel) {
        if (open >= MOST) {
            channel.close();
            return;
        }
        open++;
        var overdue = channel.eventLoop().schedule(() -> channel.close(), timeLimit.toMillis(), TimeUnit.MILLISECONDS);
        channel.attr(OVERDUE).set(overdue);
        channel.closeFuture().addListener(closed -> {
            open--;
            overdue.cancel(false);
        });
        channel.pipeline()
                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(LINE_BYTES)
                        .setMaxHeaderSize(HEADER_BYTES)))
                .addLast(new HttpObjectAggregator(BODY_BYTES, true))
                .addLast(new Exchange(handlers));
    }
}
