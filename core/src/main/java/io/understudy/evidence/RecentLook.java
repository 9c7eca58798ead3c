package io.understudy.evidence;

import java.time.Duration;

/**
 * What the evidence of harm since later starts shows.
 *
 * @param since the time from the beginning of the stage to the start that shows the most harm; zero for the beginning
 * @param existing the arm of the existing model since then
 * @param candidate the arm of the candidate since then
 * @param logHarm the highest ln E of harm since any later start, without its weight; 0 without later starts
 * @param newerHalfIsWorse whether the estimate of the newer half of the stage points to harm
 */
public record RecentLook(
        Duration since, ArmLook existing, ArmLook candidate, double logHarm, boolean newerHalfIsWorse) {}
