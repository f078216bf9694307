package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.junit.jupiter.api.Test;

/** X11: programs run in Birlinghoven and show their windows in Tokyo. The display listens on TCP, as it once did. */
class WindowLabTest extends CrossingLab {
    private static final String DISPLAY = "10.1.0.11:0";
    private static final String TITLE = "Takeover on Monday";
    private static final Duration SOON = Duration.ofSeconds(15);

    private Furnished near;
    private Furnished far;

    @Override
    protected List<String> needs() {
        return List.of("Xvfb/xvfb", "xclock/x11-apps", "xeyes/x11-apps", "xwd/x11-apps", "openssl");
    }

    @Override
    protected void serve() throws Exception {
        near = Furnished.create(tokyo.host(), folder.resolve("near"));
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        near.serve(
                6000,
                "Xvfb",
                ":0",
                "-screen",
                "0",
                "420x200x24",
                "-ac",
                "-noreset", // else it closes its sockets for a moment when xwd has gone, and who connects then is
                // refused
                "-listen",
                "tcp",
                "-nolisten",
                "unix",
                "-nolisten",
                "local");
    }

    @Test
    void windowsOfTheFarHostOnTheNearScreen() throws Exception {
        heardOnlyWithoutCulvert(List.of(TITLE), () -> {
            int before = colours(screen());
            Process clock = show("xclock", "200x200+0+0");
            Process eyes = show("xeyes", "200x200+210+0");
            try {
                Await.until("two windows drawn", SOON, () -> {
                    BufferedImage screen = screen();
                    return colours(screen) > before && drawn(screen, 0) && drawn(screen, 210);
                });
                Path shot = folder.resolve("x11.png");
                ImageIO.write(screen(), "png", shot.toFile());
                report("X11 across the tunnel: %s", shot);
            } finally {
                clock.destroy();
                eyes.destroy();
                clock.waitFor();
                eyes.waitFor();
            }
        });
    }

    private Process show(String program, String geometry) throws Exception {
        return far.start(program, "-display", DISPLAY, "-geometry", geometry, "-xrm", "*title: " + TITLE);
    }

    /** What stands on the screen of Tokyo: XWD, version 7, 32 bits a pixel. */
    private BufferedImage screen() throws Exception {
        Path dump = near.run("screen.xwd");
        near.call("xwd", "-silent", "-root", "-display", DISPLAY, "-out", "/run/screen.xwd")
                .succeeded();
        ByteBuffer xwd = ByteBuffer.wrap(Files.readAllBytes(dump));
        int headerBytes = xwd.getInt(0);
        int width = xwd.getInt(16);
        int height = xwd.getInt(20);
        boolean littleEndian = xwd.getInt(28) == 0;
        int lineBytes = xwd.getInt(48);
        int colours = xwd.getInt(76);
        assertTrue(xwd.getInt(4) == 7 && xwd.getInt(44) == 32, "not an XWD file of 32 bits a pixel");
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int pixel = xwd.getInt(headerBytes + 12 * colours + y * lineBytes + 4 * x);
                image.setRGB(x, y, littleEndian ? Integer.reverseBytes(pixel) : pixel);
            }
        }
        return image;
    }

    private static int colours(BufferedImage image) {
        return (int) java.util.Arrays.stream(
                        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                .distinct()
                .count();
    }

    /** True when the 200 pixels from there show a picture and not one colour. */
    private static boolean drawn(BufferedImage screen, int left) {
        return colours(screen.getSubimage(left, 0, 200, 200)) > 1;
    }
}
