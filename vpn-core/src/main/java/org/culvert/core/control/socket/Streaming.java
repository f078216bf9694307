package org.culvert.core.control.socket;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Sends a {@link Feed} as long as its reader takes it: a slow one is not waited for, the feed is just not asked meanwhile. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty's own; what fails closes the channel, and that is seen
final class Streaming {
    private static final long INTERVAL_MS = 20;

    private final ChannelHandlerContext context;
    private final Feed feed;

    private Streaming(ChannelHandlerContext context, Feed feed) {
        this.context = context;
        this.feed = feed;
    }

    /** Answers with the feed; the connection's time limit no longer holds. */
    static void start(ChannelHandlerContext context, Answer answer, Feed feed) {
        Connections.withoutTimeLimit(context.channel());
        DefaultHttpResponse head =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()));
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(head);
        Streaming streaming = new Streaming(context, feed);
        ScheduledFuture<?> ticks =
                context.executor().scheduleAtFixedRate(streaming::send, 0, INTERVAL_MS, TimeUnit.MILLISECONDS);
        context.channel().closeFuture().addListener(closed -> {
            ticks.cancel(false);
            feed.close();
        });
    }

    private void send() {
        if (!context.channel().isWritable()) {
            return;
        }
        byte[] bytes = feed.next();
        if (bytes == null) {
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(ChannelFutureListener.CLOSE);
        } else if (bytes.length > 0) {
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
        }
    }
}
