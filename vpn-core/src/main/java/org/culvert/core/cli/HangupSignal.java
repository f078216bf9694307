package org.culvert.core.cli;

import java.lang.reflect.Proxy;

/** SIGHUP, the old way to say "read your files again"; without a handler it would end the JVM. */
final class HangupSignal {
    private HangupSignal() {}

    /**
     * Has something run, on a thread of the JVM, at every SIGHUP from now on. By reflection: jdk.unsupported, which our runtime has, is
     * the only way to a signal, and the compiler's warning about it cannot be silenced for one class.
     */
    static void handle(Runnable onHangup) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            Object run =
                    Proxy.newProxyInstance(HangupSignal.class.getClassLoader(), new Class<?>[] {handler}, (p, m, a) -> {
                        onHangup.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler).invoke(null, hangup, run);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this runtime has no signals: " + e, e);
        }
    }
}
